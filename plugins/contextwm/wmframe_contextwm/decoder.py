"""A ResNet decoder whose coarse resolutions look at the context (Wu et al. 2023, section 4.2)."""

from __future__ import annotations

from typing import Any, cast

from wmframe.nn.noise import Noise
from wmframe.nn.residual import ResidualStack
from wmframe_contextwm.attention import ContextAttention
from wmframe_contextwm.masking import TokenMask
from wmframe_dreamerv2.decoders import ResNetDecoder


class ContextDecoder(ResNetDecoder):
    """The first layer of every resolution but the finest attends to the context of that resolution.

    Without a context it is a plain ResNet decoder.

    Settings: :class:`wmframe_contextwm.config_nets.ContextDecoderConfig`.

    Args:
        noise: where masks are drawn from; torch's default generators unless given.
        resnet: what :class:`wmframe_dreamerv2.decoders.ResNetDecoder` takes.
    """

    def __init__(
        self,
        heads: int,
        mask: float,
        mask_warmup: int,
        mask_in_eval: bool,
        dropout: float,
        *,
        noise: Noise | None = None,
        **resnet: Any,
    ) -> None:
        super().__init__(**resnet)
        if not self.keys.images:
            return
        noise = noise or Noise()
        channels, height, width = self._start
        for i, stage in enumerate(self.stages[:-1]):
            positions = height * width * 4 ** (i + 1)
            token_mask = TokenMask(mask, mask_warmup, mask_in_eval, noise)
            attention = ContextAttention(
                channels // 2**i, positions, heads, token_mask, dropout, resnet["res_norm"]
            )
            cast(ResidualStack, stage)[0].attention = attention
