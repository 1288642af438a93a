"""Settings of ContextWM; the defaults are the published ones. Light: nothing here imports torch."""

from __future__ import annotations

import attrs

from wmframe.config import Part, part, setting
from wmframe_apv.config import ApvAgentConfig, ApvModelConfig, VideoPredictorConfig


@attrs.frozen
class ContextPredictorConfig(VideoPredictorConfig):
    """A latent video prediction model that tells context and motion apart."""

    encoder: Part = part("encoder", "contextwm.encoder", help="observations to embeddings, context")
    decoder: Part = part("decoder", "contextwm.decoder", help="features and context to images")


@attrs.frozen
class ContextModelConfig(ApvModelConfig):
    """The world model with two heads for rewards (Wu et al. 2023, section 4.3)."""

    aux_reward: bool = setting(
        True, help="a second head learns the task's rewards, without the bonus, from every step"
    )


@attrs.frozen
class ContextAgentConfig(ApvAgentConfig):
    """ContextWM: APV whose decoder may look at a frame of the clip."""

    encoder: Part = part("encoder", "contextwm.encoder", help="observations to embeddings, context")
    decoder: Part = part("decoder", "contextwm.decoder", help="features and context to images")
    model: ContextModelConfig = attrs.field(factory=ContextModelConfig)
