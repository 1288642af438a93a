"""Encoders and decoders of images and vectors, of which only what happens to the images differs.

Letters: B batch, T time, N = B T, F features, E embedding, K image channels, X entries.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from wmframe.interfaces.models import Decoder, Encoder
from wmframe.models.config_nets import ObservationConfig
from wmframe.models.keys import Keys
from wmframe.nn.distributions import Distribution, Mse
from wmframe.nn.mlp import MLP
from wmframe.nn.outputs import MseOutput
from wmframe.nn.precision import float32_at_least
from wmframe.types import Encoded, ObsSpec

Context = Mapping[int, Tensor]


class Trunk(nn.Module):
    """Images [N, K, H, W] to feature maps, of which ``out_dim`` entries come out in all."""

    out_dim: int


class ObservationEncoder(Encoder):
    """Images through ``trunk``, vectors through an MLP, side by side in one embedding.

    Several images are stacked on their channels.

    Args:
        config: which observations, and the MLP.
        obs: what the suite observes.
        make_trunk: given the channels and the size of the images.
    """

    def __init__(
        self,
        config: ObservationConfig,
        obs: ObsSpec,
        make_trunk: Callable[[int, tuple[int, int]], Trunk],
    ) -> None:
        super().__init__()
        self.keys = Keys(obs, config.image_keys, config.vector_keys)
        self.embed_dim = 0
        if self.keys.images:
            self.trunk = make_trunk(sum(self.keys.channels), self.keys.size)
            self.embed_dim += self.trunk.out_dim
        if self.keys.vectors:
            self.mlp = MLP(self.keys.vector_dim, config.vector_layers, config.act, config.norm)
            self.embed_dim += self.mlp.out_dim

    def forward(self, obs: Mapping[str, Tensor]) -> Encoded:
        """See :meth:`wmframe.interfaces.Encoder.forward`; there is no context."""
        parts = []
        if self.keys.images:
            image_BTKHW = self.images(obs)
            maps = self.trunk(image_BTKHW.flatten(0, 1))
            parts.append(maps.flatten(1).unflatten(0, image_BTKHW.shape[:2]))
        if self.keys.vectors:
            parts.append(self.mlp(self.vectors(obs)))
        return Encoded(_join(parts, -1))

    def images(self, obs: Mapping[str, Tensor]) -> Tensor:
        """The images as one: [B, T, K, H, W]."""
        return _join([obs[key] for key in self.keys.images], 2)

    def vectors(self, obs: Mapping[str, Tensor]) -> Tensor:
        """The vectors and scalars as one: [B, T, X]."""
        return _join([_vector(obs[key]) for key in self.keys.vectors], -1)


class ObservationDecoder(Decoder):
    """Images by :meth:`render`, vectors by an MLP with one output for each.

    Args:
        config: which observations, and the MLP.
        feat_dim: F.
        obs: what the suite observes.
    """

    def __init__(self, config: ObservationConfig, feat_dim: int, obs: ObsSpec) -> None:
        super().__init__()
        self.keys = Keys(obs, config.image_keys, config.vector_keys)
        if self.keys.vectors:
            self.mlp = MLP(feat_dim, config.vector_layers, config.act, config.norm)
            self.outputs = nn.ModuleList(
                MseOutput(self.mlp.out_dim, shape) for shape in self.keys.vectors.values()
            )

    def forward(
        self, feat_BTF: Tensor, context: Context | None = None
    ) -> Mapping[str, Distribution]:
        """See :meth:`wmframe.interfaces.Decoder.forward`; image means are [B, T, K, H, W]."""
        dists: dict[str, Distribution] = {}
        if self.keys.images:
            mean_NKHW = float32_at_least(self.render(feat_BTF.flatten(0, 1), context))
            mean_BTKHW = mean_NKHW.view(*feat_BTF.shape[:2], *mean_NKHW.shape[1:])
            for key, mean in zip(self.keys.images, self._split(mean_BTKHW), strict=True):
                dists[key] = Mse(mean, 3)
        if self.keys.vectors:
            hidden = self.mlp(feat_BTF)
            for key, output in zip(self.keys.vectors, self.outputs, strict=True):
                dists[key] = output(hidden)
        return dists

    @abstractmethod
    def render(self, feat_NF: Tensor, context: Context | None) -> Tensor:
        """Means of all images, stacked on their channels: [N, K, H, W]."""

    def _split(self, mean_BTKHW: Tensor) -> Sequence[Tensor]:
        # The gradient of a split is a copy of the whole, which one image can do without.
        channels = self.keys.channels
        return (mean_BTKHW,) if len(channels) == 1 else torch.split(mean_BTKHW, list(channels), 2)


def _join(tensors: list[Tensor], dim: int) -> Tensor:
    # torch.cat copies a single tensor too, and turns channels-last images into channels-first.
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors, dim)


def _vector(x: Tensor) -> Tensor:
    return x.unsqueeze(-1) if x.dim() == 2 else x
