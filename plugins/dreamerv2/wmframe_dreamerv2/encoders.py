"""Encoders: plain convolutions (Hafner et al. 2020) and a ResNet (Seo et al. 2022, appendix).

Letters: B batch, T time, N images, K image channels, C feature channels, E embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.errors import UsageError
from wmframe.interfaces import Encoder
from wmframe.models.keys import Keys
from wmframe.nn.layers import activation, dense_norm, xavier
from wmframe.nn.mlp import MLP
from wmframe.nn.residual import ResidualStack
from wmframe.types import Encoded, ObsSpec


class Trunk(nn.Module):
    """Images [N, K, H, W] to feature maps, of which ``out_dim`` entries come out in all."""

    out_dim: int


class ResNetTrunk(Trunk):
    """Images [N, K, H, W] to maps [N, C, H / 2^(res_depth + 1), W / 2^(res_depth + 1)].

    Raises:
        UsageError: the size cannot be halved so often.
    """

    def __init__(
        self,
        channels: int,
        size: tuple[int, int],
        depth: int,
        res_depth: int,
        res_layers: int,
        res_norm: str,
        act: str,
        activation_checkpointing: bool = False,
    ) -> None:
        super().__init__()
        factor = 2 ** (res_depth + 1)
        if any(side % factor for side in size):
            raise UsageError(
                f"images of {size} cannot be halved {res_depth + 1} times", "lower res_depth"
            )
        self._act = activation(act)
        self.stem = xavier(nn.Conv2d(channels, depth, 3, stride=2, padding=1))
        widths = [depth, *(2**i * depth for i in range(res_depth))]
        self.stages = nn.ModuleList(
            ResidualStack([before, *[after] * res_layers], res_norm, activation_checkpointing)
            for before, after in pairwise(widths)
        )
        self.out_dim = widths[-1] * (size[0] // factor) * (size[1] // factor)

    def maps(self, image_NKHW: Tensor) -> Iterator[Tensor]:
        """The feature maps of each resolution [N, C, H', W'], finest first, before pooling."""
        x = self._act(self.stem(image_NKHW))
        for stage in self.stages:
            x = stage(x)
            yield x
            x = functional.avg_pool2d(x, 2)

    def forward(self, image_NKHW: Tensor) -> Tensor:
        """The coarsest maps, pooled."""
        *_, coarsest = self.maps(image_NKHW)
        return functional.avg_pool2d(coarsest, 2)


class CnnTrunk(Trunk):
    """Images [N, K, H, W] to maps, by unpadded convolutions of stride 2 that double the channels.

    Raises:
        UsageError: the images are smaller than what the kernels eat.
    """

    def __init__(
        self,
        channels: int,
        size: tuple[int, int],
        depth: int,
        kernels: Sequence[int],
        act: str,
        norm: str,
    ) -> None:
        super().__init__()
        self._act = activation(act)
        self.convs = nn.ModuleList()
        self.norms = nn.ModuleList()
        for i, kernel in enumerate(kernels):
            out = 2**i * depth
            size = ((size[0] - kernel) // 2 + 1, (size[1] - kernel) // 2 + 1)
            if min(size) < 1:
                raise UsageError(
                    f"images are too small for kernels {tuple(kernels)}", "use fewer kernels"
                )
            self.convs.append(xavier(nn.Conv2d(channels, out, kernel, stride=2)))
            self.norms.append(dense_norm(norm, (out, *size)))
            channels = out
        self.out_dim = channels * size[0] * size[1]

    def forward(self, image_NKHW: Tensor) -> Tensor:
        """The coarsest maps."""
        x = image_NKHW
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = self._act(norm(conv(x)))
        return x


class ObservationEncoder(Encoder):
    """Images through ``trunk``, vectors through an MLP, side by side in one embedding.

    Several images are stacked on their channels.

    Args:
        obs: what the suite observes.
        image_keys: regular expression of the images to see.
        vector_keys: regular expression of the vectors to see.
        vector_layers: widths of the MLP.
        act: activation of the MLP.
        norm: norm of the MLP.
        make_trunk: given the channels and the size of the images.
    """

    def __init__(
        self,
        obs: ObsSpec,
        image_keys: str,
        vector_keys: str,
        vector_layers: Sequence[int],
        act: str,
        norm: str,
        make_trunk: Callable[[int, tuple[int, int]], Trunk],
    ) -> None:
        super().__init__()
        self.keys = Keys(obs, image_keys, vector_keys)
        self.embed_dim = 0
        if self.keys.images:
            self.trunk = make_trunk(sum(self.keys.channels), self.keys.size)
            self.embed_dim += self.trunk.out_dim
        if self.keys.vectors:
            self.mlp = MLP(self.keys.vector_dim, vector_layers, act, norm)
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
        """The vectors and scalars as one: [B, T, D]."""
        return _join([_vector(obs[key]) for key in self.keys.vectors], -1)


class ResNetEncoder(ObservationEncoder):
    """Settings: :class:`wmframe_dreamerv2.config_nets.ResNetConfig`.

    ``make_trunk`` gives another trunk of these settings for a number of channels and a size.
    """

    def __init__(
        self,
        depth: int,
        res_depth: int,
        res_layers: int,
        res_norm: str,
        act: str,
        norm: str,
        image_keys: str,
        vector_keys: str,
        vector_layers: Sequence[int],
        activation_checkpointing: bool = False,
        *,
        obs: ObsSpec,
    ) -> None:
        trunk = partial(
            ResNetTrunk,
            depth=depth,
            res_depth=res_depth,
            res_layers=res_layers,
            res_norm=res_norm,
            act=act,
            activation_checkpointing=activation_checkpointing,
        )
        super().__init__(obs, image_keys, vector_keys, vector_layers, act, norm, trunk)
        self.make_trunk = trunk


class CnnEncoder(ObservationEncoder):
    """Settings: :class:`wmframe_dreamerv2.config_nets.CnnEncoderConfig`."""

    def __init__(
        self,
        depth: int,
        kernels: Sequence[int],
        act: str,
        norm: str,
        image_keys: str,
        vector_keys: str,
        vector_layers: Sequence[int],
        *,
        obs: ObsSpec,
    ) -> None:
        trunk = partial(CnnTrunk, depth=depth, kernels=kernels, act=act, norm=norm)
        super().__init__(obs, image_keys, vector_keys, vector_layers, act, norm, trunk)


def _join(tensors: list[Tensor], dim: int) -> Tensor:
    # torch.cat copies a single tensor too, and turns channels-last images into channels-first.
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors, dim)


def _vector(x: Tensor) -> Tensor:
    return x.unsqueeze(-1) if x.dim() == 2 else x
