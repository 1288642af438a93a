"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl

_COMPONENTS = (
    (
        "agent",
        "agent",
        "wmframe.models.agent:ModelAgent",
        "DreamerV3Config",
        "DreamerV3 (Hafner et al. 2023)",
    ),
    (
        "behavior",
        "behavior",
        "wmframe_dreamerv3.behavior:V3Behavior",
        "V3BehaviorConfig",
        "actor and critic that learn with the model",
    ),
    (
        "dynamics",
        "rssm",
        "wmframe_dreamerv3.rssm:RSSM",
        "RSSMConfig",
        "block-diagonal recurrent state-space model",
    ),
    (
        "encoder",
        "encoder",
        "wmframe_dreamerv3.encoder:V3Encoder",
        "NetsConfig",
        "images and vectors to tokens",
    ),
    (
        "decoder",
        "decoder",
        "wmframe_dreamerv3.decoder:V3Decoder",
        "DecoderConfig",
        "features to images and vectors",
    ),
)


@impl
def wmframe_components() -> Iterator[Component]:
    """The agent, its behavior and its networks."""
    for kind, name, target, config, summary in _COMPONENTS:
        yield Component(
            kind,
            f"dreamerv3.{name}",
            target=target,
            config=f"wmframe_dreamerv3.config:{config}",
            summary=summary,
        )
