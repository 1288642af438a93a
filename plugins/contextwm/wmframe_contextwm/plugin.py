"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from wmframe.plugin import Component, impl

OWN: Final = "wmframe_contextwm"
MODELS: Final = "wmframe.models"

_COMPONENTS = (
    (
        "agent",
        "agent",
        f"{MODELS}.agent:ModelAgent",
        "config:ContextWMConfig",
        "ContextWM (Wu et al. 2023)",
    ),
    (
        "decoder",
        "decoder",
        f"{OWN}.decoder:ContextDecoder",
        "config_nets:ContextDecoderConfig",
        "residual stages that attend to the context",
    ),
    (
        "encoder",
        "encoder",
        f"{OWN}.encoder:ContextEncoder",
        "config_nets:ContextEncoderConfig",
        "residual stages with pooling, and a branch for the context",
    ),
    (
        "learner",
        "video_predictor",
        f"{MODELS}.learner:VideoPredictor",
        "config:ContextPredictorConfig",
        "learns a latent model of videos, apart from their context",
    ),
)


@impl
def wmframe_components() -> Iterator[Component]:
    """The agent, what is trained on videos before, and their networks."""
    for kind, name, target, config, summary in _COMPONENTS:
        yield Component(
            kind,
            f"contextwm.{name}",
            target=target,
            config=f"wmframe_contextwm.{config}",
            summary=summary,
        )
    yield Component(
        "layout",
        "contextwm",
        target="wmframe_contextwm.layout:ContextLayout",
        summary="ContextWM checkpoints of thuml/ContextWM",
    )
