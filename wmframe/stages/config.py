"""Settings of the core's stages. Light: nothing here imports torch or a simulator."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from wmframe import limits
from wmframe.config import Part, part, parts, setting

MAX_STEPS: Final = 100_000
"""Upper limit on the decisions of an episode; longer ones are taken to never end."""


@attrs.frozen
class ReplayConfig:
    """Episodes in, windows out."""

    capacity: int = setting(
        1_000_000, help="agent steps kept, oldest dropped first", minimum=1, maximum=limits.ROWS
    )
    batch: int = setting(50, help="windows per update (B)", minimum=1, maximum=limits.BATCH)
    length: int = setting(50, help="steps per window (T)", minimum=2, maximum=limits.LENGTH)
    min_length: int = setting(
        50,
        help="shortest sequence sampled; shorter episodes are not sampled",
        minimum=2,
        maximum=limits.LENGTH,
    )
    max_length: int = setting(50, help="longest sequence sampled", minimum=2, maximum=limits.LENGTH)
    prioritize_ends: bool = setting(True, help="sample the end of an episode more often")

    def __attrs_post_init__(self) -> None:
        if self.min_length > self.max_length:
            raise ValueError(f"min_length {self.min_length} is above max_length {self.max_length}")


@attrs.frozen
class EvaluationConfig:
    """Evaluation of an agent during training."""

    every: int = setting(
        10_000,
        help="env steps between evaluations; 0: only at the end",
        minimum=0,
        maximum=limits.STEPS,
    )
    episodes: int = setting(10, help="episodes per evaluation", minimum=1, maximum=limits.EPISODES)
    simulators: int = setting(
        1, help="episodes simulated in parallel", minimum=1, maximum=limits.PROCESSES
    )
    max_steps: int = setting(
        MAX_STEPS,
        help="decisions after which an evaluation episode is truncated",
        minimum=1,
        maximum=limits.STEPS,
    )
    videos: bool = setting(True, help="record the first episode and an open-loop prediction")


@attrs.frozen
class CheckpointConfig:
    """Frequency of checkpoints, which bounds the work that a kill can cost."""

    every: int = setting(
        10_000,
        help="between checkpoints: env steps, or updates for stages without simulators",
        minimum=1,
        maximum=limits.STEPS,
    )
    keep: int = setting(
        2, help="checkpoints kept, newest first; 0: all", minimum=0, maximum=limits.EPISODES
    )


@attrs.frozen
class OnlineConfig:
    """Reinforcement learning: simulators fill a replay while the agent learns from it."""

    suite: Part = part("suite", help="the benchmark and its task")
    agent: Part = part("agent", help="the learner and policy")
    env_steps: int = setting(
        help="budget in simulator frames, prefill included", minimum=1, maximum=limits.STEPS
    )
    prefill: int = setting(
        5_000, help="env steps of random actions before learning", minimum=0, maximum=limits.STEPS
    )
    pretrain: int = setting(
        100, help="updates right after the prefill", minimum=0, maximum=limits.STEPS
    )
    train_ratio: float = setting(0.2, help="updates per agent step", minimum=0.0, maximum=10_000.0)
    simulators: int = setting(
        1, help="simulators stepped in parallel (N)", minimum=1, maximum=limits.PROCESSES
    )
    processes: bool = setting(
        True,
        help="run each simulator in its own process; false: step them sequentially in this one",
    )
    replay: ReplayConfig = attrs.field(factory=ReplayConfig)
    episodes: str | None = setting(
        None, help="episodes to start the replay with: of stages.NAME, or of a stage's folder"
    )
    evaluation: EvaluationConfig = attrs.field(factory=EvaluationConfig)
    checkpoint: CheckpointConfig = attrs.field(factory=CheckpointConfig)
    log_every: int = setting(
        1_000, help="env steps between metric records", minimum=1, maximum=limits.STEPS
    )
    init: str | None = setting(None, help="initial weights: stages.NAME or a checkpoint's path")
    init_strict: bool = setting(
        True, help="require all matching parts to fit; false: take those that fit"
    )


@attrs.frozen
class HeldOutConfig:
    """Evaluation of a video model during training, on held-out clips."""

    every: int = setting(
        10_000,
        help="updates between evaluations; 0: first and last",
        minimum=0,
        maximum=limits.STEPS,
    )
    split: Literal["val", "train"] = setting(
        "val", help="split to evaluate on; train if no other was packed"
    )
    batches: int = setting(
        8,
        help="batches of clips per evaluation, a fixed set",
        minimum=1,
        maximum=limits.EPISODES,
    )
    observed: int = setting(
        5, help="frames observed before an open-loop prediction", minimum=1, maximum=limits.LENGTH
    )
    motion: float = setting(
        30.0,
        help="PSNR in dB of repeating the last observed frame, below which a clip counts as moving",
        minimum=0.0,
        maximum=1000.0,
    )
    videos: bool = setting(True, help="record an open-loop prediction")


@attrs.frozen
class PretrainConfig:
    """Learning from videos: gradient steps on clips, without actions and rewards."""

    agent: Part = part("learner", help="what learns")
    updates: int = setting(help="budget in gradient steps", minimum=1, maximum=limits.STEPS)
    videos: tuple[Part, ...] = parts("dataset", help="datasets to sample clips from, by weight")
    batch: int = setting(16, help="clips per update (B)", minimum=1, maximum=limits.BATCH)
    length: int = setting(
        25,
        help="frames per clip (T); shorter videos are not used",
        minimum=2,
        maximum=limits.LENGTH,
    )
    size: int = setting(
        64, help="side of a frame in pixels, as packed", minimum=8, maximum=limits.SIDE
    )
    workers: int = setting(
        2,
        help="prefetching loader threads; the clips are the same for any number",
        minimum=0,
        maximum=limits.PROCESSES,
    )
    evaluation: HeldOutConfig = attrs.field(factory=HeldOutConfig)
    checkpoint: CheckpointConfig = attrs.field(factory=CheckpointConfig)
    log_every: int = setting(
        1_000, help="updates between metric records", minimum=1, maximum=limits.STEPS
    )
    init: str | None = setting(None, help="initial weights: stages.NAME or a checkpoint's path")
    init_strict: bool = setting(
        True, help="require all matching parts to fit; false: take those that fit"
    )

    def __attrs_post_init__(self) -> None:
        if self.evaluation.observed >= self.length:
            raise ValueError(
                f"evaluation.observed is {self.evaluation.observed}, a clip has {self.length} "
                "frames; leave some to predict"
            )


@attrs.frozen
class CheckpointStageConfig:
    """Reuse an existing checkpoint in place of a training stage."""

    path: str = setting(help="runs/NAME/STAGE, a folder of checkpoints, or one checkpoint")


@attrs.frozen
class EvaluateConfig:
    """Evaluate the agent of an earlier stage."""

    source: str = setting(help="stages.NAME, or the path of a run or of one of its stages")
    episodes: int = setting(10, help="episodes to run", minimum=1, maximum=limits.EPISODES)
    simulators: int = setting(
        1, help="episodes simulated in parallel", minimum=1, maximum=limits.PROCESSES
    )
    processes: bool = setting(
        True,
        help="run each simulator in its own process; false: step them sequentially in this one",
    )
    policy: str = setting(
        "eval", help="how actions are chosen", choices=("eval", "train", "random")
    )
    max_steps: int = setting(
        MAX_STEPS,
        help="decisions after which an evaluation episode is truncated",
        minimum=1,
        maximum=limits.STEPS,
    )
    trust: bool = setting(False, help="allow the run at a path to execute its own code")


@attrs.frozen
class CollectConfig:
    """Fill a replay without learning: at random, or with the agent of an earlier stage."""

    suite: Part = part("suite", help="the benchmark and its task")
    env_steps: int = setting(help="budget in simulator frames", minimum=1, maximum=limits.STEPS)
    source: str | None = setting(None, help="stages.NAME or a run's path; none: random actions")
    trust: bool = setting(False, help="allow the run at that path to execute its own code")
    simulators: int = setting(
        1, help="simulators stepped in parallel (N)", minimum=1, maximum=limits.PROCESSES
    )
    processes: bool = setting(
        True,
        help="run each simulator in its own process; false: step them sequentially in this one",
    )
    capacity: int = setting(
        1_000_000, help="agent steps kept, oldest dropped first", minimum=1, maximum=limits.ROWS
    )
