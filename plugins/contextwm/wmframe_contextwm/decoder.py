"""A ResNet decoder whose coarse resolutions look at the context (Wu et al. 2023, section 4.2)."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from wmframe.models.resnet import ResNetDecoder
from wmframe.nn.noise import Noise
from wmframe.nn.residual import ResidualLayer
from wmframe.types import ObsSpec
from wmframe_contextwm.attention import ContextAttention
from wmframe_contextwm.config_nets import ContextDecoderConfig
from wmframe_contextwm.masking import TokenMask


class AttendingLayer(ResidualLayer):
    """A residual layer whose convolutions see what attention finds; its shortcut does not.

    Args:
        in_channels: of the maps, and of what ``attention`` gives.
        out_channels: of the output.
        norm: see :data:`wmframe.nn.choices.IMAGE_NORMS`.
        attention: maps and context to maps of the same shape.
    """

    def __init__(
        self, in_channels: int, out_channels: int, norm: str, attention: ContextAttention
    ) -> None:
        super().__init__(in_channels, out_channels, norm)
        self.attention = attention

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        """[N, in, H, W] to [N, out, H, W]; without a context a plain residual layer."""
        return self.residual(x if context is None else self.attention(x, context), x)


class ContextDecoder(ResNetDecoder):
    """The first layer of every resolution but the finest attends to the context of that resolution.

    Without a context it is a plain ResNet decoder.

    Settings: :class:`wmframe_contextwm.config_nets.ContextDecoderConfig`.

    Args:
        noise: where masks are drawn from; torch's default generators unless given.
    """

    def __init__(
        self,
        config: ContextDecoderConfig,
        *,
        feat_dim: int,
        obs: ObsSpec,
        noise: Noise | None = None,
    ) -> None:
        super().__init__(config, feat_dim=feat_dim, obs=obs)
        if not self.keys.images:
            return
        noise = noise or Noise()
        (widest, height, width), norm = self._start, config.res_norm
        for i, stage in enumerate(self.stages[:-1]):
            channels, positions = widest // 2**i, height * width * 4 ** (i + 1)
            out = channels if config.res_layers > 1 else channels // 2
            mask = TokenMask(config.mask, config.mask_warmup, config.mask_in_eval, noise)
            attention = ContextAttention(
                channels, positions, config.heads, mask, config.dropout, norm
            )
            stage[0] = AttendingLayer(channels, out, norm, attention)  # type: ignore[operator]

    def refine(self, stage: nn.Module, x: Tensor, context: Mapping[int, Tensor] | None) -> Tensor:
        """A residual stack, whose first layer attends to the context map of the same size."""
        seen = None if context is None or stage is self.stages[-1] else context.get(x.shape[-1])
        return stage(x) if seen is None else stage(x, seen)  # type: ignore[no-any-return]
