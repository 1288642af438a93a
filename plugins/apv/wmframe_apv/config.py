"""Settings of APV; the defaults are the published ones. Light: nothing here imports torch."""

from __future__ import annotations

from typing import Final

import attrs

from wmframe import limits
from wmframe.config import Part, named_parts, part, setting
from wmframe.models.config import ADAM, AgentConfig, NormConfig, WorldModelConfig, scales

FILL_ACTION: Final = 50
"""Width to which actions are padded, so that every video and task has weights of one shape."""

ACTION_FREE: Final = {"use": "dreamerv2.rssm", "action_free": True, "fill_action": FILL_ACTION}

PRETRAINED: Final = {
    "encoder": "encoder",
    "dynamics": "dynamics.action_free",
    "decoder": "decoder",
}
"""Parts of a video predictor, and of an agent, that begin with them."""

VISUAL: Final = "encoder, dynamics.action_free"
"""What videos can train."""


@attrs.frozen
class BonusConfig:
    """Intrinsic bonus for novel windows of features (Seo et al. 2022, section 4.2)."""

    scale: float = setting(
        1.0, help="weight of the bonus (beta)", minimum=0.0, maximum=limits.MAGNITUDE
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
class VideoPredictorConfig(WorldModelConfig):
    """A latent video prediction model without actions (Seo et al. 2022, section 4.1)."""

    encoder: Part = part("encoder", "wmframe.resnet_encoder", help="observations to embeddings")
    dynamics: Part = part("dynamics", ACTION_FREE, help="the latent state; needs no actions")
    decoder: Part | None = part(
        "decoder", "wmframe.resnet_decoder", optional=True, help="features to observations"
    )


@attrs.frozen
class ApvConfig(AgentConfig):
    """APV: an agent on a stack of two latent models, and a bonus on the lower one's features."""

    encoder: Part = part("encoder", "wmframe.resnet_encoder", help="observations to embeddings")
    dynamics: Part = part("dynamics", "apv.rssm_stack", help="the latent state")
    decoder: Part | None = part(
        "decoder", "wmframe.resnet_decoder", optional=True, help="features to observations"
    )
    loss_scales: dict[str, float] = scales({"af_kl": 0.0})
    optimizers: dict[str, Part] = named_parts(
        "optimizer",
        {"model": {"use": ADAM}, "encoder": {"use": ADAM, "parameters": VISUAL, "hold": 100}},
        help="who steps which parameters",
    )
    bonus: Part | None = part(
        "reward_shaping", "apv.bonus", optional=True, help="changes the rewards that heads learn"
    )
    initialize: dict[str, str] = setting(
        attrs.Factory(PRETRAINED.copy),
        help="parts of a video predictor, and the parts here that begin with them",
    )
