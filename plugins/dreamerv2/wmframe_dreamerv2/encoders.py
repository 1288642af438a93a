"""Encoder by plain convolutions (Hafner et al. 2020).

Letters: N images, K image channels.
"""

from __future__ import annotations

from torch import Tensor, nn

from wmframe.errors import UsageError
from wmframe.models.observations import ObservationEncoder, Trunk
from wmframe.nn.layers import activation, dense_norm, xavier
from wmframe.types import ObsSpec
from wmframe_dreamerv2.config_nets import CnnEncoderConfig


class CnnTrunk(Trunk):
    """Images [N, K, H, W] to maps, by unpadded convolutions of stride 2 that double the channels.

    Raises:
        UsageError: the images are smaller than what the kernels eat.
    """

    def __init__(self, channels: int, size: tuple[int, int], config: CnnEncoderConfig) -> None:
        super().__init__()
        self._act = activation(config.act)
        self.convs = nn.ModuleList()
        self.norms = nn.ModuleList()
        for i, kernel in enumerate(config.kernels):
            out = 2**i * config.depth
            size = ((size[0] - kernel) // 2 + 1, (size[1] - kernel) // 2 + 1)
            if min(size) < 1:
                raise UsageError(
                    f"images are too small for kernels {config.kernels}", "use fewer kernels"
                )
            self.convs.append(xavier(nn.Conv2d(channels, out, kernel, stride=2)))
            self.norms.append(dense_norm(config.norm, (out, *size)))
            channels = out
        self.out_dim = channels * size[0] * size[1]

    def forward(self, image_NKHW: Tensor) -> Tensor:
        """The coarsest maps."""
        x = image_NKHW
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = self._act(norm(conv(x)))
        return x


class CnnEncoder(ObservationEncoder):
    """Settings: :class:`wmframe_dreamerv2.config_nets.CnnEncoderConfig`."""

    def __init__(self, config: CnnEncoderConfig, *, obs: ObsSpec) -> None:
        super().__init__(config, obs, lambda channels, size: CnnTrunk(channels, size, config))
