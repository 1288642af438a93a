"""Settings of what methods share. Light: nothing here imports torch.

The defaults are those of continuous control from pixels (Hafner et al. 2020, appendix D).
"""

from __future__ import annotations

from typing import Final

import attrs

from wmframe import limits
from wmframe.config import Part, named_parts, part, setting
from wmframe.nn.choices import act_setting, init_setting, norm_setting

ADAM: Final = "wmframe.adam"
SLOWER: Final = {"use": ADAM, "lr": 8e-5}


@attrs.frozen
class NetworkConfig:
    """The hidden layers of a multi-layer perceptron on the features."""

    layers: int = setting(4, help="hidden layers", minimum=0, maximum=limits.LAYERS)
    units: int = setting(400, help="width of a hidden layer", minimum=1, maximum=limits.UNITS)
    act: str = act_setting("elu", "activation after each hidden layer")
    norm: str = norm_setting("none", "normalization before the activation")
    init: str = init_setting()


@attrs.frozen
class HeadConfig(NetworkConfig):
    """A multi-layer perceptron from the features to a distribution."""

    output: Part = part("output", "wmframe.mse", help="the last layer: which distribution")


@attrs.frozen
class PredictorConfig(HeadConfig):
    """A head of the world model, and what it learns."""

    target: str = setting(
        "", help="key of the preprocessed data (reward, task_reward, discount); empty: its own name"
    )
    gradient: bool = setting(True, help="whether what it learns shapes the features")


@attrs.frozen
class ActorConfig(NetworkConfig):
    """The policy."""

    min_std: float = setting(
        0.1, help="least scale of the truncated normal", minimum=0.0, maximum=limits.MAGNITUDE
    )
    output: Part | None = part(
        "output",
        optional=True,
        help="the last layer; unless given, a truncated normal, or classes for discrete actions",
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
class TargetConfig:
    """The slow copy of the critic that gives the values of imagined states."""

    slow: bool = setting(True, help="false: take the critic itself")
    every: int = setting(100, help="updates between its moves", minimum=1, maximum=limits.STEPS)
    fraction: float = setting(1.0, help="how far it moves to the critic", minimum=0.0, maximum=1.0)


@attrs.frozen
class ActorCriticConfig:
    """Actor and critic, trained in imagination (Hafner et al. 2020, section 2.2)."""

    horizon: int = setting(15, help="imagined steps (L)", minimum=2, maximum=limits.LENGTH)
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
        False, help="with dynamics gradients the critic sees the entropy as reward"
    )
    actor: ActorConfig = attrs.field(factory=ActorConfig)
    critic: HeadConfig = attrs.field(factory=HeadConfig)
    target: TargetConfig = attrs.field(factory=TargetConfig)
    reward_norm: NormConfig = attrs.field(factory=NormConfig)
    actor_optimizer: Part = part("optimizer", SLOWER, help="steps the actor")
    critic_optimizer: Part = part("optimizer", SLOWER, help="steps the critic")


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


def scales(default: dict[str, float] | None = None) -> dict[str, float]:
    """The setting for weights of losses, with those that a method changes."""
    return setting(  # type: ignore[no-any-return]
        attrs.Factory(lambda: dict(default or {})),
        help="weight of a loss by its name (kl, image, reward, ...); 1 unless given, 0 omits it",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )


@attrs.frozen
class WorldModelConfig:
    """A world model of parts. A method derives its own config and names the parts it comes with."""

    encoder: Part = part("encoder", help="observations to embeddings")
    dynamics: Part = part("dynamics", help="the latent state")
    decoder: Part | None = part(
        "decoder", optional=True, help="features to observations; none: nothing is reconstructed"
    )
    decoder_gradient: bool = setting(True, help="whether reconstruction shapes the features")
    loss_scales: dict[str, float] = scales()
    optimizers: dict[str, Part] = named_parts(
        "optimizer", {"model": {"use": ADAM}}, help="who steps which parameters"
    )


def _reward() -> dict[str, PredictorConfig]:
    return {"reward": PredictorConfig()}


@attrs.frozen
class AgentConfig(WorldModelConfig):
    """An agent that acts on the latent state of a world model."""

    heads: dict[str, PredictorConfig] = setting(
        attrs.Factory(_reward), help="predictions of the model other than observations, by loss"
    )
    discount: float = setting(0.99, help="per decision (gamma)", minimum=0.0, maximum=1.0)
    rewards: RewardConfig = attrs.field(factory=RewardConfig)
    bonus: Part | None = part(
        "reward_shaping", optional=True, help="changes the rewards that the heads learn"
    )
    behavior: Part = part("behavior", "wmframe.actor_critic", help="learns to act on the model")
    explorer: Part = part("behavior", "wmframe.greedy", help="acts while the agent trains")
    acting: ActingConfig = attrs.field(factory=ActingConfig)
    initialize: dict[str, str] = setting(
        attrs.Factory(dict),
        help="parts of an earlier stage's model, and the parts here that begin with them",
    )
