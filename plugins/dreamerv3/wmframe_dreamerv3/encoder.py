"""Images and vectors to tokens (Hafner et al. 2023; Encoder of the authors' code).

Letters: B batch, T time, N = B T, K image channels, X entries of all vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.errors import UsageError
from wmframe.interfaces.models import Encoder
from wmframe.models.keys import Keys
from wmframe.nn.layers import lecun
from wmframe.nn.rms_norm import ImageRMSNorm
from wmframe.nn.symlog import symlog
from wmframe.types import Encoded, ObsSpec
from wmframe_dreamerv3.config import NetsConfig
from wmframe_dreamerv3.layers import mlp
from wmframe_dreamerv3.sizes import with_size

MULTIPLIERS = (2, 3, 4, 4)
"""Channels of the four stages, in depths."""

KERNEL = 5


def conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    """A convolution that keeps the size."""
    return lecun(nn.Conv2d(in_channels, out_channels, KERNEL, padding=KERNEL // 2))


def smallest(keys: Keys) -> tuple[int, int]:
    """Height and width of the maps of the last stage.

    Raises:
        UsageError: halving does not end at whole numbers.
    """
    (height, width), halving = keys.size, 2 ** len(MULTIPLIERS)
    if height % halving or width % halving:
        problem = f"images are {height} x {width}; {halving} does not divide that"
        raise UsageError(problem, "set the suite's size, to 64 for example")
    return height // halving, width // halving


class ConvStage(nn.Module):
    """Convolution, 2 x 2 max-pooling, RMSNorm over channels, SiLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = conv(in_channels, out_channels)
        self.norm = ImageRMSNorm(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """[N, K, H, W] to [N, K', H / 2, W / 2]."""
        return functional.silu(self.norm(functional.max_pool2d(self.conv(x), 2)))


class V3Encoder(Encoder):
    """Tokens of vectors, then those of images, flattened channel last.

    Args:
        config: widths and keys.
        obs: what is observed.
    """

    def __init__(self, config: NetsConfig, *, obs: ObsSpec) -> None:
        super().__init__()
        config = with_size(config)
        self.keys = Keys(obs, config.image_keys, config.vector_keys)
        self.embed_dim = 0
        if self.keys.vectors:
            self.mlp = mlp(self.keys.vector_dim, config.units, config.layers)
            self.embed_dim += config.units
        if self.keys.images:
            widths = [sum(self.keys.channels), *(m * config.depth for m in MULTIPLIERS)]
            self.stages = nn.Sequential(*(ConvStage(a, b) for a, b in pairwise(widths)))
            height, width = smallest(self.keys)
            self.embed_dim += height * width * widths[-1]

    def forward(self, obs: Mapping[str, Tensor]) -> Encoded:
        """See :class:`wmframe.interfaces.Encoder`."""
        tokens = []
        if self.keys.vectors:
            parts = [obs[key].unsqueeze(-1).flatten(2) for key in sorted(self.keys.vectors)]
            tokens.append(self.mlp(symlog(torch.cat(parts, -1))))
        if self.keys.images:
            image_BTKHW = torch.cat([obs[key] for key in sorted(self.keys.images)], -3)
            maps_NKHW = self.stages(image_BTKHW.flatten(0, 1))
            flat_NE = maps_NKHW.movedim(1, -1).flatten(1)
            tokens.append(flat_NE.unflatten(0, image_BTKHW.shape[:2]))
        return Encoded(torch.cat(tokens, -1))
