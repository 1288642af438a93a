"""A ResNet as encoder and decoder (Seo et al. 2022, appendix).

Letters: N images, K image channels, C feature channels, F features.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from wmframe.errors import UsageError
from wmframe.models.config_nets import ResNetConfig
from wmframe.models.observations import Context, ObservationDecoder, ObservationEncoder, Trunk
from wmframe.nn.layers import activation, channels_last, xavier
from wmframe.nn.residual import ResidualStack
from wmframe.types import ObsSpec


class ResNetTrunk(Trunk):
    """Images [N, K, H, W] to maps [N, C, H / 2^(res_depth + 1), W / 2^(res_depth + 1)].

    Args:
        channels: K.
        size: height and width of the images.
        config: depth, resolutions, layers, norm.
        layers: at each resolution, if not those of the config.

    Raises:
        UsageError: the size cannot be halved so often.
    """

    def __init__(
        self, channels: int, size: tuple[int, int], config: ResNetConfig, layers: int | None = None
    ) -> None:
        super().__init__()
        depth, res_depth = config.depth, config.res_depth
        count = config.res_layers if layers is None else layers
        factor = 2 ** (res_depth + 1)
        if any(side % factor for side in size):
            raise UsageError(
                f"images of {size} cannot be halved {res_depth + 1} times", "lower res_depth"
            )
        self._act = activation(config.act)
        self.stem = xavier(nn.Conv2d(channels, depth, 3, stride=2, padding=1))
        widths = [depth, *(2**i * depth for i in range(res_depth))]
        self.stages = nn.ModuleList(
            ResidualStack(
                [before, *[after] * count], config.res_norm, config.activation_checkpointing
            )
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


class ResNetEncoder(ObservationEncoder):
    """Settings: :class:`wmframe.models.config_nets.ResNetConfig`."""

    def __init__(self, config: ResNetConfig, *, obs: ObsSpec) -> None:
        super().__init__(config, obs, lambda channels, size: ResNetTrunk(channels, size, config))


class ResNetDecoder(ObservationDecoder):
    """Upsampling and residual stacks that halve the channels at each resolution.

    Settings: :class:`wmframe.models.config_nets.ResNetConfig`.

    Raises:
        UsageError: the images or the channels cannot be halved as often as ``res_depth`` says.
    """

    def __init__(self, config: ResNetConfig, *, feat_dim: int, obs: ObsSpec) -> None:
        super().__init__(config, feat_dim, obs)
        if not self.keys.images:
            return
        depth, res_depth = config.depth, config.res_depth
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
                [*[channels // 2**i] * config.res_layers, channels // 2 ** (i + 1)],
                config.res_norm,
                config.activation_checkpointing,
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
