"""A ResNet decoder whose coarse resolutions look at the context (Wu et al. 2023, section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from wmframe.nn.noise import Noise
from wmframe.nn.residual import ResidualStack
from wmframe.types import ObsSpec
from wmframe_contextwm.attention import ContextAttention
from wmframe_contextwm.masking import TokenMask
from wmframe_dreamerv2.decoders import ResNetDecoder


class ContextDecoder(ResNetDecoder):
    """The first layer of every resolution but the finest attends to the context of that resolution.

    Without a context it is a plain ResNet decoder.

    Settings: :class:`wmframe_contextwm.config_nets.ContextDecoderConfig`.

    Args:
        feat_dim: F.
        obs: what the suite observes.
        noise: where masks are drawn from; torch's default generators unless given.
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
        heads: int,
        mask: float,
        mask_warmup: int,
        mask_in_eval: bool,
        dropout: float,
        *,
        feat_dim: int,
        obs: ObsSpec,
        noise: Noise | None = None,
    ) -> None:
        super().__init__(
            depth,
            res_depth,
            res_layers,
            res_norm,
            act,
            norm,
            image_keys,
            vector_keys,
            vector_layers,
            feat_dim=feat_dim,
            obs=obs,
        )
        if not self.keys.images:
            return
        noise = noise or Noise()
        channels, height, width = self._start
        for i, stage in enumerate(self.stages[:-1]):
            positions = height * width * 4 ** (i + 1)
            token_mask = TokenMask(mask, mask_warmup, mask_in_eval, noise)
            attention = ContextAttention(
                channels // 2**i, positions, heads, token_mask, dropout, res_norm
            )
            cast(ResidualStack, stage)[0].attention = attention
