"""Decoder by transposed convolutions (Hafner et al. 2020).

Letters: N = B T, F features, K image channels, C feature channels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wmframe.errors import UsageError
from wmframe.models.observations import Context, ObservationDecoder
from wmframe.nn.layers import activation, channels_last, dense_norm, xavier
from wmframe.types import ObsSpec
from wmframe_dreamerv2.config_nets import CnnDecoderConfig


class CnnDecoder(ObservationDecoder):
    """Transposed convolutions of stride 2 that halve the channels, from one pixel of 32 depth.

    Settings: :class:`wmframe_dreamerv2.config_nets.CnnDecoderConfig`.

    Raises:
        UsageError: the kernels do not end at the size of the images.
    """

    def __init__(self, config: CnnDecoderConfig, *, feat_dim: int, obs: ObsSpec) -> None:
        super().__init__(config, feat_dim, obs)
        if not self.keys.images:
            return
        self._act, kernels, depth = activation(config.act), config.kernels, config.depth
        widths = [2**i * depth for i in reversed(range(len(kernels) - 1))]
        channels, size = 32 * depth, 1
        self.project = xavier(nn.Linear(feat_dim, channels))
        self.convs = nn.ModuleList()
        self.norms = nn.ModuleList()
        for kernel, out in zip(kernels, [*widths, sum(self.keys.channels)], strict=True):
            size = 2 * (size - 1) + kernel
            self.convs.append(xavier(nn.ConvTranspose2d(channels, out, kernel, stride=2)))
            if len(self.convs) < len(kernels):
                self.norms.append(dense_norm(config.norm, (out, size, size)))
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
