"""Settings of the DreamerV2 agent and its behaviors. Light: nothing here imports torch.

The defaults are those of continuous control from pixels (Hafner et al. 2020, appendix D); the
README lists what Atari changes.
"""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import Part, part, setting
from wmframe.models.config import ActingConfig, BehaviorConfig, HeadConfig, NormConfig, RewardConfig
from wmframe.training.config import OptimizerConfig


@attrs.frozen
class BonusConfig:
    """Intrinsic bonus for novel windows of features (Seo et al. 2022, section 4.2)."""

    scale: float = setting(
        0.0, help="weight of the bonus (beta); 0: none", minimum=0.0, maximum=limits.MAGNITUDE
    )
    relative: bool = setting(False, help="weigh by the mean magnitude of the rewards as well")
    neighbors: int = setting(
        16, help="nearest rows averaged (k), the row itself included", minimum=1, maximum=2**20
    )
    window: int = setting(5, help="steps averaged to a row", minimum=1, maximum=limits.LENGTH)
    queue_size: int = setting(4096, help="rows remembered", minimum=1, maximum=2**20)
    queue_dim: int = setting(
        128, help="length of a row, a random projection", minimum=1, maximum=limits.UNITS
    )
    norm: NormConfig = attrs.field(factory=lambda: NormConfig(momentum=0.99))


@attrs.frozen
class ModelConfig:
    """Heads, losses and optimizer of the world model."""

    reward_head: HeadConfig = attrs.field(factory=HeadConfig)
    discount_head: HeadConfig = attrs.field(factory=HeadConfig)
    predict_discount: bool = setting(False, help="learn where episodes end")
    gradient_heads: tuple[str, ...] = setting(
        ("decoder", "reward"), help="decoder and heads whose gradients shape the features"
    )
    loss_scales: dict[str, float] = setting(
        attrs.Factory(dict),
        help="weight of a loss (kl, image, reward, discount); 1 unless given",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    optimizer: OptimizerConfig = attrs.field(factory=OptimizerConfig)


@attrs.frozen
class AgentConfig:
    """DreamerV2."""

    encoder: Part = part("encoder", "dreamerv2.cnn_encoder", help="observations to embeddings")
    dynamics: Part = part("dynamics", "dreamerv2.rssm", help="the latent state")
    decoder: Part = part("decoder", "dreamerv2.cnn_decoder", help="features to observations")
    explorer: Part = part("behavior", "dreamerv2.greedy", help="acts while the agent trains")
    discount: float = setting(0.99, help="per decision (gamma)", minimum=0.0, maximum=1.0)
    model: ModelConfig = attrs.field(factory=ModelConfig)
    rewards: RewardConfig = attrs.field(factory=RewardConfig)
    bonus: BonusConfig = attrs.field(factory=BonusConfig)
    behavior: BehaviorConfig = attrs.field(factory=BehaviorConfig)
    acting: ActingConfig = attrs.field(factory=ActingConfig)


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
    optimizer: OptimizerConfig = attrs.field(factory=OptimizerConfig)
