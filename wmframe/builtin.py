"""The core's own components, declared through the same hook that strangers use."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl

_STAGES = {
    "pretrain": ("pretrain:PretrainStage", "PretrainConfig", "learn from videos without actions"),
    "online": ("online:OnlineStage", "OnlineConfig", "reinforcement learning in simulators"),
    "evaluate": ("evaluate:EvaluateStage", "EvaluateConfig", "judge the agent of an earlier stage"),
    "checkpoint": (
        "checkpoint:CheckpointStage",
        "CheckpointStageConfig",
        "take a checkpoint that is there already",
    ),
    "collect": ("collect:CollectStage", "CollectConfig", "fill a replay without learning"),
}
_TRACKERS = {
    "jsonl": ("jsonl:JsonlTracker", "JsonlConfig", "metrics.jsonl, one record a line"),
    "console": ("console:ConsoleTracker", "ConsoleConfig", "live view, or plain lines"),
    "tensorboard": ("tensorboard:TensorboardTracker", "TensorboardConfig", "TensorBoard events"),
}
_DATASETS = {"shards": ("dataset:Shards", "PackedConfig", "packed shards of any dataset")}
_SUITES = {"blank": ("blank:blank", "BlankConfig", "takes no time and means nothing")}
_TABLES = (
    ("stage", "stages", _STAGES),
    ("tracker", "tracking", _TRACKERS),
    ("dataset", "data.shards", _DATASETS),
    ("suite", "bench", _SUITES),
)


@impl
def wmframe_components() -> Iterator[Component]:
    """Stages, trackers, datasets and a suite; recipes may leave out their prefix ``wmframe.``."""
    for kind, package, table in _TABLES:
        for name, (target, config, summary) in table.items():
            yield Component(
                kind,
                f"wmframe.{name}",
                target=f"wmframe.{package}.{target}",
                config=f"wmframe.{package}.config:{config}",
                summary=summary,
            )
