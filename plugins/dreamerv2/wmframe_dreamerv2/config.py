"""Settings of the DreamerV2 agent and its behaviors. Light: nothing here imports torch.

The defaults are those of continuous control from pixels (Hafner et al. 2020, appendix D); the
README lists what Atari changes.
"""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import Part, part, setting
from wmframe.models.config import ADAM, AgentConfig, HeadConfig, NormConfig


@attrs.frozen
class DreamerV2Config(AgentConfig):
    """DreamerV2."""

    encoder: Part = part("encoder", "dreamerv2.cnn_encoder", help="observations to embeddings")
    dynamics: Part = part("dynamics", "dreamerv2.rssm", help="the latent state")
    decoder: Part | None = part(
        "decoder", "dreamerv2.cnn_decoder", optional=True, help="features to observations"
    )


@attrs.frozen
class Plan2ExploreConfig:
    """Seek states on which an ensemble of predictors disagrees (Sekar et al. 2020)."""

    models: int = setting(10, help="predictors in the ensemble", minimum=2, maximum=limits.LAYERS)
    head: HeadConfig = attrs.field(factory=HeadConfig)
    target: str = setting(
        "stoch", help="what they predict", choices=("embed", "stoch", "deter", "feat")
    )
    offset: int = setting(1, help="steps ahead", minimum=0, maximum=limits.LENGTH)
    action_conditional: bool = setting(True, help="they also see the action that led to the state")
    logarithm: bool = setting(False, help="reward the logarithm of the disagreement")
    intrinsic_scale: float = setting(
        1.0, help="weight of the disagreement", minimum=-limits.MAGNITUDE, maximum=limits.MAGNITUDE
    )
    extrinsic_scale: float = setting(
        0.0, help="weight of the task's reward", minimum=-limits.MAGNITUDE, maximum=limits.MAGNITUDE
    )
    reward_norm: NormConfig = attrs.field(factory=NormConfig)
    optimizer: Part = part("optimizer", ADAM, help="steps the ensemble")
