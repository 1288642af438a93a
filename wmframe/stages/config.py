"""Settings of the core's stages. Light: nothing here imports torch or a simulator."""

from __future__ import annotations

import attrs

from wmframe.config import Part, part, setting


@attrs.frozen
class ReplayConfig:
    """Episodes in, windows out."""

    capacity: int = setting(1_000_000, help="agent steps kept, oldest dropped first", minimum=1)
    batch: int = setting(50, help="windows per update (B)", minimum=1)
    length: int = setting(50, help="steps per window (T)", minimum=2)
    min_length: int = setting(50, help="shortest sequence drawn; shorter episodes wait", minimum=2)
    max_length: int = setting(50, help="longest sequence drawn", minimum=2)
    prioritize_ends: bool = setting(True, help="draw the end of an episode more often")


@attrs.frozen
class EvaluationConfig:
    """How the agent is judged while it learns."""

    every: int = setting(
        10_000, help="env steps between evaluations; 0: only at the end", minimum=0
    )
    episodes: int = setting(10, help="episodes per evaluation", minimum=1)
    simulators: int = setting(1, help="episodes simulated side by side", minimum=1)
    videos: bool = setting(True, help="record the first episode and an open-loop prediction")


@attrs.frozen
class CheckpointConfig:
    """How much work a kill can cost."""

    every: int = setting(10_000, help="env steps between checkpoints", minimum=1)
    keep: int = setting(2, help="checkpoints kept, newest first", minimum=1)


@attrs.frozen
class OnlineConfig:
    """Reinforcement learning: simulators fill a replay while the agent learns from it."""

    suite: Part = part("suite", help="the benchmark and its task")
    agent: Part = part("agent", help="what learns and acts")
    env_steps: int = setting(help="budget in simulator frames, prefill included", minimum=1)
    prefill: int = setting(5_000, help="env steps of random actions before learning", minimum=0)
    pretrain: int = setting(100, help="updates right after the prefill", minimum=0)
    train_ratio: float = setting(0.2, help="updates per agent step", minimum=0.0)
    simulators: int = setting(1, help="simulators stepping side by side (N)", minimum=1)
    processes: bool = setting(True, help="a worker process each; false: in turn, in this process")
    replay: ReplayConfig = attrs.field(factory=ReplayConfig)
    evaluation: EvaluationConfig = attrs.field(factory=EvaluationConfig)
    checkpoint: CheckpointConfig = attrs.field(factory=CheckpointConfig)
    log_every: int = setting(1_000, help="env steps between metric records", minimum=1)
    init: str | None = setting(
        None, help="weights to begin with: stages.NAME or a checkpoint's path"
    )


@attrs.frozen
class EvaluateConfig:
    """Judge the agent of an earlier stage."""

    source: str = setting(help="stages.NAME, or the path of a run or of one of its stages")
    episodes: int = setting(10, help="episodes to run", minimum=1)
    simulators: int = setting(1, help="episodes simulated side by side", minimum=1)
    processes: bool = setting(True, help="a worker process each; false: in turn, in this process")
    policy: str = setting(
        "eval", help="how actions are chosen", choices=("eval", "train", "random")
    )


@attrs.frozen
class CollectConfig:
    """Fill a replay without learning: at random, or with the agent of an earlier stage."""

    suite: Part = part("suite", help="the benchmark and its task")
    env_steps: int = setting(help="budget in simulator frames", minimum=1)
    source: str | None = setting(None, help="stages.NAME or a run's path; none: random actions")
    simulators: int = setting(1, help="simulators stepping side by side (N)", minimum=1)
    processes: bool = setting(True, help="a worker process each; false: in turn, in this process")
    capacity: int = setting(1_000_000, help="agent steps kept, oldest dropped first", minimum=1)
