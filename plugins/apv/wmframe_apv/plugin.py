"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl

_COMPONENTS = (
    ("agent", "agent", "agent:ApvAgent", "ApvAgentConfig", "APV (Seo et al. 2022)"),
    (
        "dynamics",
        "rssm_stack",
        "rssm_stack:RSSMStack",
        "RSSMStackConfig",
        "an action-conditional RSSM on top of an action-free one",
    ),
    (
        "learner",
        "video_predictor",
        "video_predictor:VideoPredictor",
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
            target=f"wmframe_apv.{target}",
            config=f"wmframe_apv.config:{config}",
            summary=summary,
        )
    yield Component(
        "layout",
        "apv",
        target="wmframe_apv.layout:ApvLayout",
        summary="APV checkpoints of thuml/ContextWM",
    )
