"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from wmframe.plugin import Component, impl

OWN: Final = "wmframe_apv"
MODELS: Final = "wmframe.models"

_COMPONENTS = (
    ("agent", "agent", f"{MODELS}.agent:ModelAgent", "ApvConfig", "APV (Seo et al. 2022)"),
    (
        "reward_shaping",
        "bonus",
        f"{OWN}.bonus:IntrinsicBonus",
        "BonusConfig",
        "an intrinsic bonus for features that are far from those seen lately",
    ),
    (
        "dynamics",
        "rssm_stack",
        f"{OWN}.rssm_stack:RSSMStack",
        "RSSMStackConfig",
        "an action-conditional RSSM on top of an action-free one",
    ),
    (
        "learner",
        "video_predictor",
        f"{MODELS}.learner:VideoPredictor",
        "VideoPredictorConfig",
        "learns a latent model of videos, without actions",
    ),
)


@impl
def wmframe_components() -> Iterator[Component]:
    """The agent, its dynamics, and what is trained on videos before."""
    for kind, name, target, config, summary in _COMPONENTS:
        yield Component(
            kind,
            f"apv.{name}",
            target=target,
            config=f"wmframe_apv.config:{config}",
            summary=summary,
        )
    yield Component(
        "layout",
        "apv",
        target="wmframe_apv.layout:ApvLayout",
        summary="APV checkpoints of thuml/ContextWM",
    )
