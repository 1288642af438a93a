"""Features back to images and vectors (Hafner et al. 2023; Decoder of the authors' code).

Letters: B batch, T time, N = B T, R recurrent state, Z flat stochastic state, K image channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.errors import UsageError
from wmframe.interfaces.models import Decoder
from wmframe.models.keys import Keys
from wmframe.nn.blocks import BlockLinear
from wmframe.nn.distributions import Distribution, Mse, SymlogMse
from wmframe.nn.precision import float32_at_least
from wmframe.nn.rms_norm import ImageRMSNorm, RMSNorm
from wmframe.types import ObsSpec
from wmframe_dreamerv3.config import DecoderConfig
from wmframe_dreamerv3.encoder import MULTIPLIERS, conv, smallest
from wmframe_dreamerv3.layers import linear, mlp
from wmframe_dreamerv3.sizes import with_size


class UpStage(nn.Module):
    """Nearest doubling, convolution, RMSNorm over channels, SiLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = conv(in_channels, out_channels)
        self.norm = ImageRMSNorm(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """[N, K, H, W] to [N, K', 2 H, 2 W]."""
        return functional.silu(self.norm(self.conv(functional.interpolate(x, scale_factor=2))))


class V3Decoder(Decoder):
    """Images from a spatial map of both parts of the state, vectors from an MLP.

    Args:
        config: widths, keys, and how the features are made up.
        feat_dim: R + Z.
        obs: what is observed.
    """

    def __init__(self, config: DecoderConfig, *, feat_dim: int, obs: ObsSpec) -> None:
        super().__init__()
        config = with_size(config)
        self.keys = Keys(obs, config.image_keys, config.vector_keys)
        self.deter, flat = config.deter, feat_dim - config.deter
        if flat <= 0:
            problem = f"the decoder's deter is {config.deter}, of {feat_dim} features"
            raise UsageError(problem, "set it to that of the dynamics")
        if self.keys.vectors:
            self.mlp = mlp(feat_dim, config.units, config.layers)
            self.vectors = nn.ModuleDict(
                {key: linear(config.units, prod(shape)) for key, shape in self.keys.vectors.items()}
            )
        if self.keys.images:
            self._build_images(config, flat)

    def _build_images(self, config: DecoderConfig, flat: int) -> None:
        height, width = smallest(self.keys)
        channels = MULTIPLIERS[-1] * config.depth
        self.space = height, width, channels
        self.blocks = config.blocks
        self.from_deter = BlockLinear(config.deter, height * width * channels, config.blocks)
        self.from_stoch = nn.Sequential(
            mlp(flat, 2 * config.units), linear(2 * config.units, height * width * channels)
        )
        self.norm = RMSNorm(channels)
        widths = [channels, *(m * config.depth for m in reversed(MULTIPLIERS[:-1]))]
        self.stages = nn.Sequential(*(UpStage(a, b) for a, b in pairwise(widths)))
        self.image = conv(widths[-1], sum(self.keys.channels))

    def forward(
        self, feat_BTF: Tensor, context: Mapping[int, Tensor] | None = None
    ) -> Mapping[str, Distribution]:
        """See :class:`wmframe.interfaces.Decoder`."""
        found: dict[str, Distribution] = {}
        deter_BTR, stoch_BTZ = feat_BTF[..., : self.deter], feat_BTF[..., self.deter :]
        if self.keys.vectors:
            x_BTU = self.mlp(torch.cat([stoch_BTZ, deter_BTR], -1))
            for key, output in self.vectors.items():
                shape = self.keys.vectors[key]
                mean = float32_at_least(output(x_BTU)).reshape(*x_BTU.shape[:-1], *shape)
                found[key] = SymlogMse(mean, len(shape))
        if self.keys.images:
            found |= self._images(deter_BTR, stoch_BTZ)
        return found

    def _images(self, deter_BTR: Tensor, stoch_BTZ: Tensor) -> dict[str, Distribution]:
        height, width, channels = self.space
        # group g of the block layer fills the channels from g C / 8 on
        batch = deter_BTR.shape[:2]
        spread = self.from_deter(deter_BTR).reshape(*batch, self.blocks, height, width, -1)
        deter_BTHWC = spread.movedim(-4, -2).flatten(-2)
        stoch_BTHWC = self.from_stoch(stoch_BTZ).reshape(*batch, height, width, channels)
        x_BTHWC = functional.silu(self.norm(deter_BTHWC + stoch_BTHWC))
        maps_NKHW = self.stages(x_BTHWC.flatten(0, 1).movedim(-1, 1))
        maps_NKHW = self.image(functional.interpolate(maps_NKHW, scale_factor=2))
        image_BTKHW = torch.sigmoid(maps_NKHW).reshape(*batch, *maps_NKHW.shape[1:])
        names = sorted(self.keys.images)
        sizes = [self.keys.images[name][2] for name in names]
        parts = torch.split(image_BTKHW, sizes, -3)
        # the data are in [-0.5, 0.5], and the loss is the whole squared error
        means = zip(names, (float32_at_least(part) - 0.5 for part in parts), strict=True)
        return {name: Mse(mean, 3, weight=1.0) for name, mean in means}
