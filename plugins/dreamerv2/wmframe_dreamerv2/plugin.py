"""What this plugin offers to recipes."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl

_COMPONENTS = (
    ("agent", "agent", "agent:DreamerV2", "config:AgentConfig", "DreamerV2 (Hafner et al. 2020)"),
    ("behavior", "greedy", "explore:Greedy", None, "explore with the task's policy"),
    ("behavior", "random", "explore:Random", None, "explore with uniform actions"),
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
        "encoder",
        "resnet_encoder",
        "encoders:ResNetEncoder",
        "config_nets:ResNetConfig",
        "residual stages with pooling",
    ),
    (
        "decoder",
        "cnn_decoder",
        "decoders:CnnDecoder",
        "config_nets:CnnDecoderConfig",
        "four transposed convolutions",
    ),
    (
        "decoder",
        "resnet_decoder",
        "decoders:ResNetDecoder",
        "config_nets:ResNetConfig",
        "residual stages with upsampling",
    ),
)


@impl
def wmframe_components() -> Iterator[Component]:
    """The agent, its behaviors and its networks."""
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
