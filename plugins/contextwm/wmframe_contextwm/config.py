"""Settings of ContextWM; the defaults are the published ones. Light: nothing here imports torch."""

from __future__ import annotations

import attrs

from wmframe.config import Part, part, setting
from wmframe.models.config import PredictorConfig
from wmframe_apv.config import ApvConfig, VideoPredictorConfig


@attrs.frozen
class ContextPredictorConfig(VideoPredictorConfig):
    """A latent video prediction model that tells context and motion apart."""

    encoder: Part = part("encoder", "contextwm.encoder", help="observations to embeddings, context")
    decoder: Part | None = part(
        "decoder", "contextwm.decoder", optional=True, help="features and context to images"
    )


def _two_rewards() -> dict[str, PredictorConfig]:
    """One learns rewards with the bonus, for the behavior; the other keeps the task in the features
    while bonuses dominate (Wu et al. 2023, section 4.3).
    """
    return {"reward": PredictorConfig(), "aux_reward": PredictorConfig(target="task_reward")}


@attrs.frozen
class ContextWMConfig(ApvConfig):
    """ContextWM: APV whose decoder may look at a frame of the clip, and two heads for rewards."""

    encoder: Part = part("encoder", "contextwm.encoder", help="observations to embeddings, context")
    decoder: Part | None = part(
        "decoder", "contextwm.decoder", optional=True, help="features and context to images"
    )
    heads: dict[str, PredictorConfig] = setting(
        attrs.Factory(_two_rewards),
        help="predictions of the model other than observations, by loss",
    )
