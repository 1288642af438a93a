"""Decoders: transposed convolutions (Hafner et al. 2020), a ResNet (Seo et al. 2022, appendix).

Letters: B batch, T time, N = B T, F features, K image channels, C feature channels.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from wmframe.errors import UsageError
from wmframe.interfaces import Decoder
from wmframe.models.keys import Keys
from wmframe.nn.distributions import Distribution, Mse
from wmframe.nn.layers import activation, channels_last, dense_norm, xavier
from wmframe.nn.mlp import MLP
from wmframe.nn.outputs import MseOutput
from wmframe.nn.precision import float32_at_least
from wmframe.nn.residual import ResidualStack
from wmframe.types import ObsSpec

Context = Mapping[int, Tensor]


class ObservationDecoder(Decoder):
    """Images by :meth:`render`, vectors by an MLP with one output for each.

    Args:
        feat_dim: F.
        obs: what the suite observes.
        image_keys: regular expression of the images to reconstruct.
        vector_keys: regular expression of the vectors to reconstruct.
        vector_layers: widths of the MLP.
        act: activation of the MLP.
        norm: norm of the MLP.
    """

    def __init__(
        self,
        feat_dim: int,
        obs: ObsSpec,
        image_keys: str,
        vector_keys: str,
        vector_layers: Sequence[int],
        act: str,
        norm: str,
    ) -> None:
        super().__init__()
        self.keys = Keys(obs, image_keys, vector_keys)
        if self.keys.vectors:
            self.mlp = MLP(feat_dim, vector_layers, act, norm)
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


class ResNetDecoder(ObservationDecoder):
    """Upsampling and residual stacks that halve the channels at each resolution.

    Settings: :class:`wmframe_dreamerv2.config_nets.ResNetConfig`.

    Raises:
        UsageError: the images or the channels cannot be halved as often as ``res_depth`` says.
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
        feat_dim: int,
        obs: ObsSpec,
    ) -> None:
        super().__init__(feat_dim, obs, image_keys, vector_keys, vector_layers, act, norm)
        if not self.keys.images:
            return
        factor = 2 ** (res_depth + 1)
        height, width = self.keys.size
        if height % factor or width % factor or depth % 2:
            raise UsageError(
                f"images of {self.keys.size} or depth {depth} cannot be halved as often as needed",
                "lower res_depth, or make depth even",
            )
        channels = 2 ** (res_depth - 1) * depth
        self._start = (channels, height // factor, width // factor)
        self.project = xavier(
            nn.Linear(feat_dim, channels * (height // factor) * (width // factor))
        )
        self.stages = nn.ModuleList(
            ResidualStack(
                [*[channels // 2**i] * res_layers, channels // 2 ** (i + 1)],
                res_norm,
                activation_checkpointing,
            )
            for i in range(res_depth)
        )
        out = sum(self.keys.channels)
        self.image_out = xavier(
            nn.ConvTranspose2d(depth // 2, out, 3, stride=2, padding=1, output_padding=1)
        )

    def render(self, feat_NF: Tensor, context: Context | None) -> Tensor:
        """See :meth:`ObservationDecoder.render`."""
        x = channels_last(self.project(feat_NF).unflatten(1, self._start))
        for stage in self.stages:
            x = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = self.refine(stage, x, context)
        out: Tensor = self.image_out(x)
        return out

    def refine(self, stage: nn.Module, x: Tensor, context: Context | None) -> Tensor:
        """A residual stack on upsampled maps [N, C, H, W]; a context is not looked at."""
        return stage(x)  # type: ignore[no-any-return]


class CnnDecoder(ObservationDecoder):
    """Transposed convolutions of stride 2 that halve the channels, from one pixel of 32 depth.

    Settings: :class:`wmframe_dreamerv2.config_nets.CnnDecoderConfig`.

    Raises:
        UsageError: the kernels do not end at the size of the images.
    """

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
        feat_dim: int,
        obs: ObsSpec,
    ) -> None:
        super().__init__(feat_dim, obs, image_keys, vector_keys, vector_layers, act, norm)
        if not self.keys.images:
            return
        self._act = activation(act)
        widths = [2**i * depth for i in reversed(range(len(kernels) - 1))]
        channels, size = 32 * depth, 1
        self.project = xavier(nn.Linear(feat_dim, channels))
        self.convs = nn.ModuleList()
        self.norms = nn.ModuleList()
        for kernel, out in zip(kernels, [*widths, sum(self.keys.channels)], strict=True):
            size = 2 * (size - 1) + kernel
            self.convs.append(xavier(nn.ConvTranspose2d(channels, out, kernel, stride=2)))
            if len(self.convs) < len(kernels):
                self.norms.append(dense_norm(norm, (out, size, size)))
            channels = out
        if self.keys.size != (size, size):
            raise UsageError(
                f"kernels {tuple(kernels)} make {size}x{size} images, not {self.keys.size}",
                "change the kernels, or render the suite at that size",
            )

    def render(self, feat_NF: Tensor, context: Context | None) -> Tensor:
        """See :meth:`ObservationDecoder.render`; a context is not looked at."""
        weight, bias = self.convs[0].parameters()
        x = _from_one_pixel(self.project(feat_NF), weight, bias)
        for conv, norm in zip(self.convs[1:], self.norms, strict=True):
            x = conv(channels_last(self._act(norm(x))))
        return x


def _from_one_pixel(x_NC: Tensor, weight_CKHW: Tensor, bias_K: Tensor) -> Tensor:
    # On one pixel a transposed convolution is a matrix product, which is several times faster.
    bias = bias_K.repeat_interleave(weight_CKHW[0, 0].numel())
    out = torch.addmm(bias, x_NC, weight_CKHW.flatten(1))
    return out.view(-1, *weight_CKHW.shape[1:])
