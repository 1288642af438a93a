"""A ResNet encoder with a second branch for the context (Wu et al. 2023, section 4.2).

Letters: B batch, T time, K image channels, H and W image height and width, C feature channels.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from wmframe.errors import UsageError
from wmframe.models.resnet import ResNetEncoder, ResNetTrunk
from wmframe.nn.noise import Noise
from wmframe.types import Encoded, ObsSpec
from wmframe_contextwm.augmentation import augment
from wmframe_contextwm.config_nets import ContextEncoderConfig


class ContextEncoder(ResNetEncoder):
    """Every frame becomes an embedding; one frame of the clip also becomes the clip's context.

    The branches share no weights. Acting needs the first alone.

    Settings: :class:`wmframe_contextwm.config_nets.ContextEncoderConfig`.

    Args:
        obs: what the suite observes.
        noise: where the frame and its augmentation are drawn from; torch's default generators
            unless given.

    Raises:
        UsageError: no image is observed.
    """

    def __init__(
        self, config: ContextEncoderConfig, *, obs: ObsSpec, noise: Noise | None = None
    ) -> None:
        super().__init__(config, obs=obs)
        if not self.keys.images:
            unseen = config.image_keys
            raise UsageError(f"no image matches {unseen!r}, so there is no context", "name one")
        channels = sum(self.keys.channels)
        self.context_trunk = ResNetTrunk(channels, self.keys.size, config, config.context_layers)
        self.noise = noise or Noise()
        self._frame = config.frame
        self._augmentation = config.augmentation

    def forward(self, obs: Mapping[str, Tensor]) -> Encoded:
        """See :meth:`wmframe.interfaces.Encoder.forward`; the context has every resolution."""
        frame_BKHW = self.context_frame(self.images(obs))
        if self.training:
            frame_BKHW = augment(self._augmentation, frame_BKHW, self.noise)
        return Encoded(self.embed(obs), self.context(frame_BKHW))

    def embed(self, obs: Mapping[str, Tensor]) -> Tensor:
        """See :meth:`wmframe.interfaces.Encoder.embed`."""
        return super().forward(obs).embed

    def context(self, frame_BKHW: Tensor) -> dict[int, Tensor]:
        """Feature maps [B, C, S, S] of one frame of each clip, by their size S."""
        return {maps.shape[-1]: maps for maps in self.context_trunk.maps(frame_BKHW)}

    def context_frame(self, image_BTKHW: Tensor) -> Tensor:
        """The frame of each clip [B, K, H, W] that is its context."""
        if self._frame != "random":
            return image_BTKHW[:, 0 if self._frame == "first" else -1]
        batch, steps = image_BTKHW.shape[:2]
        index_B = (self.noise.uniform((batch,), image_BTKHW) * steps).long().clamp(max=steps - 1)
        return image_BTKHW[torch.arange(batch, device=index_B.device), index_B]
