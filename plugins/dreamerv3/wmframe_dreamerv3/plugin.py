"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl

_PARTS = (
    ("behavior", "behavior", "V3Behavior", "V3BehaviorConfig", "actor and critic of one loss"),
    ("dynamics", "rssm", "RSSM", "RSSMConfig", "block-diagonal recurrent state-space model"),
    ("encoder", "encoder", "V3Encoder", "NetsConfig", "images and vectors together"),
    ("decoder", "decoder", "V3Decoder", "DecoderConfig", "images and vectors together"),
)


@impl
def wmframe_components() -> Iterator[Component]:
    """The agent, its behavior and its networks."""
    yield Component(
        "agent",
        "dreamerv3.agent",
        target="wmframe.models.agent:ModelAgent",
        config="wmframe_dreamerv3.config:DreamerV3Config",
        summary="DreamerV3 (Hafner et al. 2023)",
    )
    for kind, name, target, config, summary in _PARTS:
        yield Component(
            kind,
            f"dreamerv3.{name}",
            target=f"wmframe_dreamerv3.{name}:{target}",
            config=f"wmframe_dreamerv3.config:{config}",
            summary=summary,
        )
