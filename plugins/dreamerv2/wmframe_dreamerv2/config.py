"""Settings of the DreamerV2 agent and its behaviors. Light: nothing here imports torch.

The defaults are those of continuous control from pixels (Hafner et al. 2020, appendix D); the
README lists what Atari changes.
"""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import Part, part, setting
from wmframe.nn.choices import ACTIVATIONS, NORMS
from wmframe.training.config import OptimizerConfig


@attrs.frozen
class HeadConfig:
    """A multi-layer perceptron on the features."""

    layers: int = setting(4, help="hidden layers", minimum=0, maximum=limits.LAYERS)
    units: int = setting(400, help="width of a hidden layer", minimum=1, maximum=limits.UNITS)
    act: str = setting("elu", help="activation after each hidden layer", choices=ACTIVATIONS)
    norm: str = setting("none", help="normalization before the activation", choices=NORMS)


@attrs.frozen
class ActorConfig(HeadConfig):
    """The policy: a truncated normal for continuous actions, categorical for discrete ones."""

    min_std: float = setting(
        0.1, help="least scale of the truncated normal", minimum=0.0, maximum=limits.MAGNITUDE
    )


@attrs.frozen
class NormConfig:
    """Divide a stream of rewards by the running mean of its magnitude."""

    momentum: float = setting(
        1.0, help="of the running mean; 1: keep init", minimum=0.0, maximum=1.0
    )
    scale: float = setting(
        1.0, help="multiplies what comes out", minimum=-limits.MAGNITUDE, maximum=limits.MAGNITUDE
    )
    eps: float = setting(1e-8, help="added to the magnitude", minimum=0.0, maximum=limits.MAGNITUDE)
    init: float = setting(
        1.0, help="magnitude before the first reward", minimum=0.0, maximum=limits.MAGNITUDE
    )


@attrs.frozen
class RewardConfig:
    """What the model learns of the environment's rewards."""

    divide_by: float = setting(
        1.0, help="divides every reward", minimum=1e-8, maximum=limits.MAGNITUDE
    )
    transform: str = setting(
        "identity", help="applied after the division", choices=("identity", "sign", "tanh")
    )


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
class TargetConfig:
    """The slow copy of the critic that gives the values of imagined states."""

    slow: bool = setting(True, help="false: take the critic itself")
    every: int = setting(100, help="updates between its moves", minimum=1, maximum=limits.STEPS)
    fraction: float = setting(1.0, help="how far it moves to the critic", minimum=0.0, maximum=1.0)


def _slower() -> OptimizerConfig:
    return OptimizerConfig(lr=8e-5)


@attrs.frozen
class BehaviorConfig:
    """Actor and critic, learnt in imagination (Hafner et al. 2020, section 2.2)."""

    horizon: int = setting(15, help="imagined steps (H)", minimum=2, maximum=limits.LENGTH)
    starts: int = setting(
        0,
        help="states to imagine from, drawn from the batch; 0: all",
        minimum=0,
        maximum=limits.STEPS,
    )
    discount_lambda: float = setting(
        0.95, help="mixes horizons of the return", minimum=0.0, maximum=1.0
    )
    gradient: str = setting(
        "auto",
        help="of the actor: through the dynamics or by likelihood ratio; auto: by the action space",
        choices=("auto", "dynamics", "reinforce", "both"),
    )
    gradient_mix: float = setting(
        0.1, help="share of dynamics when gradient is both", minimum=0.0, maximum=1.0
    )
    entropy_scale: float = setting(
        1e-4, help="weight of the actor's entropy", minimum=0.0, maximum=limits.MAGNITUDE
    )
    entropy_in_target: bool = setting(
        False,
        help="as the ContextWM code: with dynamics gradients the critic sees entropy as reward",
    )
    actor: ActorConfig = attrs.field(factory=ActorConfig)
    critic: HeadConfig = attrs.field(factory=HeadConfig)
    target: TargetConfig = attrs.field(factory=TargetConfig)
    reward_norm: NormConfig = attrs.field(factory=NormConfig)
    actor_optimizer: OptimizerConfig = attrs.field(factory=_slower)
    critic_optimizer: OptimizerConfig = attrs.field(factory=_slower)


@attrs.frozen
class ActingConfig:
    """How actions are chosen in the environment."""

    explore_until: int = setting(
        0,
        help="train decisions (all simulators') that the explorer takes; 0: all",
        minimum=0,
        maximum=limits.STEPS,
    )
    explore_noise: float = setting(
        0.0, help="noise on train actions", minimum=0.0, maximum=limits.MAGNITUDE
    )
    eval_noise: float = setting(
        0.0, help="noise on eval actions", minimum=0.0, maximum=limits.MAGNITUDE
    )
    eval_state_mean: bool = setting(False, help="eval: take the mode of the latent, no sample")


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
