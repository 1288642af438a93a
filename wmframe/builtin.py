"""The core's own components, declared through the same hook as those of plugins."""

from __future__ import annotations

from collections.abc import Iterator

from wmframe.plugin import Component, impl

_STAGES = {
    "pretrain": ("pretrain:PretrainStage", ":PretrainConfig", "learn from videos without actions"),
    "online": ("online:OnlineStage", ":OnlineConfig", "reinforcement learning in simulators"),
    "evaluate": (
        "evaluate:EvaluateStage",
        ":EvaluateConfig",
        "evaluate the agent of an earlier stage",
    ),
    "checkpoint": (
        "checkpoint:CheckpointStage",
        ":CheckpointStageConfig",
        "reuse an existing checkpoint",
    ),
    "collect": ("collect:CollectStage", ":CollectConfig", "fill a replay without learning"),
}
_TRACKERS = {
    "jsonl": ("jsonl:JsonlTracker", ":JsonlConfig", "metrics.jsonl, one record per line"),
    "console": ("console:ConsoleTracker", ":ConsoleConfig", "live view, or plain lines"),
    "tensorboard": ("tensorboard:TensorboardTracker", ":TensorboardConfig", "TensorBoard events"),
}
_DATASETS = {"shards": ("dataset:Shards", ":PackedConfig", "packed shards of any dataset")}
_SUITES = {"blank": ("blank:blank", ":BlankConfig", "simulator that takes no time, for benchmarks")}
_BEHAVIORS = {
    "actor_critic": (
        "actor_critic:ActorCritic",
        ":ActorCriticConfig",
        "actor and critic trained in imagination (Hafner et al. 2020)",
    ),
    "greedy": ("explorers:Greedy", None, "explore with the task's policy"),
    "random": ("explorers:Random", None, "explore with uniform actions"),
}
_OUTPUTS = {
    "mse": ("outputs:MseOutput", None, "mean with squared error"),
    "binary": ("outputs:BinaryOutput", ":BinaryConfig", "the probability of 1"),
    "onehot": ("outputs:OneHotOutput", ":OneHotConfig", "classes"),
    "trunc_normal": (
        "outputs:TruncNormalOutput",
        ":TruncNormalConfig",
        "truncated normals in [-1, 1]",
    ),
    "two_hot": (
        "number_outputs:TwoHotOutput",
        ":TwoHotConfig",
        "numbers of any size, as probabilities of bins",
    ),
    "normal": (
        "number_outputs:NormalOutput",
        ":NormalConfig",
        "normals with means in [-1, 1] and bounded deviations",
    ),
}
_LATENTS = {
    "categorical": ("latents:categorical", ":CategoricalConfig", "one-hot vectors"),
    "gaussian": ("latents:gaussian", ":GaussianConfig", "independent normals"),
}
_OPTIMIZERS = {
    "adam": ("optimizers:adam", ":AdamConfig", "Adam with L2 weight decay"),
    "adamw": ("optimizers:adamw", ":AdamConfig", "Adam with decoupled weight decay"),
    "laprop": ("optimizers:LaProp", ":LaPropConfig", "momentum after scaling by the mean square"),
}
_ENCODERS = {
    "resnet_encoder": (
        "resnet:ResNetEncoder",
        "_nets:ResNetConfig",
        "residual stages with pooling",
    )
}
_DECODERS = {
    "resnet_decoder": (
        "resnet:ResNetDecoder",
        "_nets:ResNetConfig",
        "residual stages with upsampling",
    )
}
_TABLES = (
    ("stage", "stages", _STAGES),
    ("tracker", "tracking", _TRACKERS),
    ("dataset", "data.shards", _DATASETS),
    ("suite", "envs", _SUITES),
    ("behavior", "models", _BEHAVIORS),
    ("encoder", "models", _ENCODERS),
    ("decoder", "models", _DECODERS),
    ("output", "nn", _OUTPUTS),
    ("latent", "nn", _LATENTS),
    ("optimizer", "training", _OPTIMIZERS),
)


@impl
def wmframe_components() -> Iterator[Component]:
    """All components of the core; recipes may omit the prefix ``wmframe.``."""
    for kind, package, table in _TABLES:
        for name, (target, config, summary) in table.items():
            yield Component(
                kind,
                f"wmframe.{name}",
                target=f"wmframe.{package}.{target}",
                config=config and f"wmframe.{package}.config{config}",
                summary=summary,
            )
