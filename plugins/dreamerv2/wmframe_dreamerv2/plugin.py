"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl

_COMPONENTS = (
    (
        "behavior",
        "plan2explore",
        "plan2explore:Plan2Explore",
        "config:Plan2ExploreConfig",
        "explore where an ensemble disagrees (Sekar et al. 2020)",
    ),
    ("dynamics", "rssm", "rssm:RSSM", "config_nets:RSSMConfig", "recurrent state-space model"),
    (
        "encoder",
        "cnn_encoder",
        "encoders:CnnEncoder",
        "config_nets:CnnEncoderConfig",
        "four strided convolutions",
    ),
    (
        "decoder",
        "cnn_decoder",
        "decoders:CnnDecoder",
        "config_nets:CnnDecoderConfig",
        "four transposed convolutions",
    ),
)


@impl
def wmframe_components() -> Iterator[Component]:
    """The agent, a behavior that explores, and its networks."""
    yield Component(
        "agent",
        "dreamerv2.agent",
        target="wmframe.models.agent:ModelAgent",
        config="wmframe_dreamerv2.config:DreamerV2Config",
        summary="DreamerV2 (Hafner et al. 2020)",
    )
    for kind, name, target, config, summary in _COMPONENTS:
        yield Component(
            kind,
            f"dreamerv2.{name}",
            target=f"wmframe_dreamerv2.{target}",
            config=None if config is None else f"wmframe_dreamerv2.{config}",
            summary=summary,
        )
    yield Component(
        "layout",
        "dreamerv2",
        target="wmframe_dreamerv2.reference.layout:ReferenceLayout",
        summary="DreamerV2 checkpoints of thuml/ContextWM",
    )
