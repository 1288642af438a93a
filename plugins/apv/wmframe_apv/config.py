"""Settings of APV; the defaults are the published ones. Light: nothing here imports torch."""

from __future__ import annotations

from typing import Final

import attrs

from wmframe import limits
from wmframe.config import Part, part, setting
from wmframe.training.config import OptimizerConfig
from wmframe_dreamerv2.config import AgentConfig, BonusConfig, ModelConfig

FILL_ACTION: Final = 50
"""Width to which actions are padded, so that every video and task has weights of one shape."""

ACTION_FREE: Final = {"use": "dreamerv2.rssm", "action_free": True, "fill_action": FILL_ACTION}

PRETRAINED: Final = ("encoder", "dynamics", "decoder")
"""Parts that a video predictor and an agent have in common."""


@attrs.frozen
class RSSMStackConfig:
    """Settings of :class:`wmframe_apv.rssm_stack.RSSMStack`."""

    action_free: Part = part("dynamics", ACTION_FREE, help="sees embeddings, knows no actions")
    conditional: Part = part(
        "dynamics",
        {"use": "dreamerv2.rssm", "fill_action": FILL_ACTION},
        help="sees the other's features, knows actions, imagines",
    )
    concat_embed: bool = setting(False, help="the conditional model sees the embeddings as well")


@attrs.frozen
class VideoPredictorConfig:
    """A latent video prediction model without actions (Seo et al. 2022, section 4.1)."""

    encoder: Part = part("encoder", "dreamerv2.resnet_encoder", help="observations to embeddings")
    dynamics: Part = part("dynamics", ACTION_FREE, help="the latent state; needs no actions")
    decoder: Part = part("decoder", "dreamerv2.resnet_decoder", help="features to observations")
    loss_scales: dict[str, float] = setting(
        attrs.Factory(dict),
        help="weight of a loss (kl, image); 1 unless given",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    optimizer: OptimizerConfig = attrs.field(factory=OptimizerConfig)


@attrs.frozen
class ApvModelConfig(ModelConfig):
    """The world model, of which one half comes from videos and has its own optimizer."""

    loss_scales: dict[str, float] = setting(
        attrs.Factory(dict),
        help="weight of a loss (kl, af_kl, image, reward, discount); else 1, of af_kl 0",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    encoder_optimizer: OptimizerConfig = attrs.field(factory=lambda: OptimizerConfig(hold=100))


@attrs.frozen
class ApvAgentConfig(AgentConfig):
    """APV: DreamerV2 on a stack of two latent models, and a bonus on the lower one's features."""

    encoder: Part = part("encoder", "dreamerv2.resnet_encoder", help="observations to embeddings")
    dynamics: Part = part("dynamics", "apv.rssm_stack", help="the latent state")
    decoder: Part = part("decoder", "dreamerv2.resnet_decoder", help="features to observations")
    model: ApvModelConfig = attrs.field(factory=ApvModelConfig)
    bonus: BonusConfig = attrs.field(factory=lambda: BonusConfig(scale=1.0))
    pretrained: tuple[str, ...] = setting(
        PRETRAINED,
        help="parts taken from a video predictor that init names",
        choices=PRETRAINED,
    )
