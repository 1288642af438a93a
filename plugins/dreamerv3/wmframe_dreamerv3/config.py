"""Settings of DreamerV3. Light: nothing here imports torch."""

from __future__ import annotations

from typing import Any

import attrs

from wmframe import limits
from wmframe.config import Part, default_part, named_parts, part, regular_expression, setting
from wmframe.models.config import (
    ActorConfig,
    AgentConfig,
    HeadConfig,
    NetworkConfig,
    PredictorConfig,
    scales,
)
from wmframe.nn.choices import act_setting, init_setting, norm_setting
from wmframe_dreamerv3.sizes import DEFAULT, SIZES, Sized, width_setting, with_size

DISCOUNT = 1 - 1 / 333


@attrs.frozen
class RSSMConfig(Sized):
    """The recurrent state-space model."""

    deter: int = width_setting("R, length of the recurrent state")
    hidden: int = width_setting("units of hidden layers")
    stoch: int = setting(32, help="S, categoricals", minimum=1, maximum=limits.CHANNELS)
    classes: int = width_setting("D, classes of each")
    blocks: int = setting(8, help="G, blocks of the recurrence", minimum=1, maximum=limits.CHANNELS)
    prior_layers: int = setting(
        2, help="hidden layers of the prior", minimum=1, maximum=limits.LAYERS
    )
    posterior_layers: int = setting(
        1, help="hidden layers of the posterior", minimum=1, maximum=limits.LAYERS
    )
    unimix: float = setting(0.01, help="uniform share of latents", minimum=0.0, maximum=1.0)
    free_nats: float = setting(
        1.0, help="KL of a step that stays unpenalized", minimum=0.0, maximum=limits.MAGNITUDE
    )
    action_free: bool = setting(False, help="ignore actions, as for videos")
    fill_action: int = setting(
        0, help="pad actions with zeros to this width", minimum=0, maximum=limits.UNITS
    )

    def __attrs_post_init__(self) -> None:
        if self.deter % self.blocks:
            raise ValueError(f"deter is {self.deter}; {self.blocks} blocks do not divide it")


@attrs.frozen
class NetsConfig(Sized):
    """An encoder of images and vectors together."""

    depth: int = width_setting("channels of a stage, times 2, 3, 4, 4")
    units: int = width_setting("width of the MLP for vectors")
    layers: int = setting(3, help="its hidden layers", minimum=1, maximum=limits.LAYERS)
    image_keys: str = setting(
        ".*", help="regular expression of the images", normalize=regular_expression
    )
    vector_keys: str = setting(
        ".*", help="regular expression of the vectors", normalize=regular_expression
    )


@attrs.frozen
class DecoderConfig(NetsConfig):
    """The decoder, which takes the two parts of a state apart."""

    deter: int = width_setting("R of the dynamics")
    blocks: int = setting(8, help="blocks of its layer on that", minimum=1, maximum=limits.CHANNELS)


@attrs.frozen
class V3NetworkConfig(NetworkConfig, Sized):
    """The hidden layers of a head."""

    layers: int = setting(3, help="hidden layers", minimum=0, maximum=limits.LAYERS)
    units: int = width_setting("width of a hidden layer")
    act: str = act_setting("silu")
    norm: str = norm_setting("rms")
    init: str = init_setting("lecun")


@attrs.frozen
class V3PredictorConfig(V3NetworkConfig, PredictorConfig):
    """A head of the world model, and what it learns."""

    layers: int = setting(1, help="hidden layers", minimum=0, maximum=limits.LAYERS)


@attrs.frozen
class V3CriticConfig(V3NetworkConfig, HeadConfig):
    """The critic."""

    output: Part = part("output", "wmframe.two_hot", help="the last layer: which distribution")


@attrs.frozen
class V3ActorConfig(V3NetworkConfig, ActorConfig):
    """The policy: unless ``output`` is given, normals, or classes for discrete actions."""

    min_std: float = setting(0.1, help="least deviation", minimum=1e-6, maximum=1.0)
    unimix: float = setting(0.01, help="uniform share of classes", minimum=0.0, maximum=1.0)
    eval_sample: bool = setting(True, help="sample in evaluation too; false: take the mode")


@attrs.frozen
class V3BehaviorConfig(Sized):
    """Actor and critic, trained in imagination jointly with the model."""

    horizon: int = setting(15, help="imagined steps (L)", minimum=1, maximum=limits.LENGTH)
    discount_lambda: float = setting(
        0.95, help="mixes horizons of the return", minimum=0.0, maximum=1.0
    )
    entropy_scale: float = setting(
        3e-4, help="weight of the policy's entropy", minimum=0.0, maximum=limits.MAGNITUDE
    )
    slow_fraction: float = setting(
        0.02, help="of the way that the slow critic goes each update", minimum=0.0, maximum=1.0
    )
    slow_scale: float = setting(
        1.0, help="weight of staying near it", minimum=0.0, maximum=limits.MAGNITUDE
    )
    return_rate: float = setting(
        0.01, help="of the running percentiles of returns", minimum=0.0, maximum=1.0
    )
    return_low: float = setting(0.05, help="lower percentile", minimum=0.0, maximum=1.0)
    return_high: float = setting(0.95, help="higher percentile", minimum=0.0, maximum=1.0)
    return_least: float = setting(
        1.0, help="least divisor of advantages", minimum=1e-8, maximum=limits.MAGNITUDE
    )
    actor: V3ActorConfig = attrs.field(factory=V3ActorConfig)
    critic: V3CriticConfig = attrs.field(factory=V3CriticConfig)


def _heads() -> dict[str, V3PredictorConfig]:
    def head(**output: Any) -> V3PredictorConfig:
        return V3PredictorConfig(output=default_part("output", output))

    return {
        "reward": head(use="wmframe.two_hot"),
        "discount": head(use="wmframe.binary", init="lecun"),
    }


@attrs.frozen
class DreamerV3Config(AgentConfig, Sized):
    """DreamerV3."""

    size: str = setting(DEFAULT, help="sets all widths that are 0", choices=tuple(SIZES))
    encoder: Part = part("encoder", "dreamerv3.encoder", help="observations to embeddings")
    dynamics: Part = part("dynamics", "dreamerv3.rssm", help="the latent state")
    decoder: Part | None = part(
        "decoder", "dreamerv3.decoder", optional=True, help="features to observations"
    )
    heads: dict[str, V3PredictorConfig] = setting(  # type: ignore[assignment]
        attrs.Factory(_heads), help="predictions of the model other than observations, by loss"
    )
    loss_scales: dict[str, float] = scales({"rep": 0.1, "replay_value": 0.3})
    discount: float = setting(DISCOUNT, help="per decision (gamma)", minimum=0.0, maximum=1.0)
    optimizers: dict[str, Part] = named_parts(
        "optimizer",
        {"model": {"use": "wmframe.laprop", "warmup": 1000}},
        help="who steps which parameters",
    )
    behavior: Part = part("behavior", "dreamerv3.behavior", help="learns to act on the model")

    def __attrs_post_init__(self) -> None:
        if self.decoder is not None and isinstance(self.decoder.config, DecoderConfig):
            decoder = self.decoder.config
            # the state that the dynamics has, unless it is said twice
            deter = decoder.deter or getattr(self.dynamics.config, "deter", 0)
            config = attrs.evolve(decoder, deter=deter)
            object.__setattr__(self, "decoder", attrs.evolve(self.decoder, config=config))
        for field in attrs.fields(type(self)):
            value = with_size(getattr(self, field.name), self.size)
            object.__setattr__(self, field.name, value)
