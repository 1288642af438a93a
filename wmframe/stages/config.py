"""Settings of the core's stages. Light: nothing here imports torch or a simulator."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from wmframe import limits
from wmframe.config import Part, part, parts, setting

MAX_STEPS: Final = 100_000
"""Decisions of an episode that no benchmark goes beyond: one that does has no end."""


@attrs.frozen
class ReplayConfig:
    """Episodes in, windows out."""

    capacity: int = setting(
        1_000_000, help="agent steps kept, oldest dropped first", minimum=1, maximum=limits.ROWS
    )
    batch: int = setting(50, help="windows per update (B)", minimum=1, maximum=limits.BATCH)
    length: int = setting(50, help="steps per window (T)", minimum=2, maximum=limits.LENGTH)
    min_length: int = setting(
        50, help="shortest sequence drawn; shorter episodes wait", minimum=2, maximum=limits.LENGTH
    )
    max_length: int = setting(50, help="longest sequence drawn", minimum=2, maximum=limits.LENGTH)
    prioritize_ends: bool = setting(True, help="draw the end of an episode more often")

    def __attrs_post_init__(self) -> None:
        if self.min_length > self.max_length:
            raise ValueError(f"min_length {self.min_length} is above max_length {self.max_length}")


@attrs.frozen
class EvaluationConfig:
    """How the agent is judged while it learns."""

    every: int = setting(
        10_000,
        help="env steps between evaluations; 0: only at the end",
        minimum=0,
        maximum=limits.STEPS,
    )
    episodes: int = setting(10, help="episodes per evaluation", minimum=1, maximum=limits.EPISODES)
    simulators: int = setting(
        1, help="episodes simulated side by side", minimum=1, maximum=limits.PROCESSES
    )
    max_steps: int = setting(
        MAX_STEPS,
        help="decisions after which an evaluation episode is cut off",
        minimum=1,
        maximum=limits.STEPS,
    )
    videos: bool = setting(True, help="record the first episode and an open-loop prediction")


@attrs.frozen
class CheckpointConfig:
    """How much work a kill can cost."""

    every: int = setting(
        10_000,
        help="between checkpoints: env steps, or updates where nothing acts",
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
    agent: Part = part("agent", help="what learns and acts")
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
        1, help="simulators stepping side by side (N)", minimum=1, maximum=limits.PROCESSES
    )
    processes: bool = setting(True, help="a worker process each; false: in turn, in this process")
    replay: ReplayConfig = attrs.field(factory=ReplayConfig)
    episodes: str | None = setting(
        None, help="episodes that the replay begins with: of stages.NAME, or of a stage's folder"
    )
    evaluation: EvaluationConfig = attrs.field(factory=EvaluationConfig)
    checkpoint: CheckpointConfig = attrs.field(factory=CheckpointConfig)
    log_every: int = setting(
        1_000, help="env steps between metric records", minimum=1, maximum=limits.STEPS
    )
    init: str | None = setting(
        None, help="weights to begin with: stages.NAME or a checkpoint's path"
    )
    init_strict: bool = setting(True, help="whether all that should fit must; false: what fits")


@attrs.frozen
class HeldOutConfig:
    """How a video model is judged while it learns: on clips that it never learns from."""

    every: int = setting(
        10_000,
        help="updates between evaluations; 0: first and last",
        minimum=0,
        maximum=limits.STEPS,
    )
    split: Literal["val", "train"] = setting(
        "val", help="which videos to judge on; train where no others were packed"
    )
    batches: int = setting(
        8,
        help="batches of clips per evaluation, always the same",
        minimum=1,
        maximum=limits.EPISODES,
    )
    observed: int = setting(
        5, help="frames seen before an open-loop prediction", minimum=1, maximum=limits.LENGTH
    )
    motion: float = setting(
        30.0,
        help="a clip moves if repeating the last seen frame gives less PSNR than this, in dB",
        minimum=0.0,
        maximum=1000.0,
    )
    videos: bool = setting(True, help="record an open-loop prediction")


@attrs.frozen
class PretrainConfig:
    """Learning from videos: gradient steps on clips, without actions and rewards."""

    agent: Part = part("learner", help="what learns")
    updates: int = setting(help="budget in gradient steps", minimum=1, maximum=limits.STEPS)
    videos: tuple[Part, ...] = parts("dataset", help="what to draw clips from, by weight")
    batch: int = setting(16, help="clips per update (B)", minimum=1, maximum=limits.BATCH)
    length: int = setting(
        25,
        help="frames per clip (T); shorter videos are left out",
        minimum=2,
        maximum=limits.LENGTH,
    )
    size: int = setting(
        64, help="side of a frame in pixels, as it was packed", minimum=8, maximum=limits.SIDE
    )
    workers: int = setting(
        2,
        help="loaders working ahead; any number gives the same",
        minimum=0,
        maximum=limits.PROCESSES,
    )
    evaluation: HeldOutConfig = attrs.field(factory=HeldOutConfig)
    checkpoint: CheckpointConfig = attrs.field(factory=CheckpointConfig)
    log_every: int = setting(
        1_000, help="updates between metric records", minimum=1, maximum=limits.STEPS
    )
    init: str | None = setting(
        None, help="weights to begin with: stages.NAME or a checkpoint's path"
    )
    init_strict: bool = setting(True, help="whether all that should fit must; false: what fits")

    def __attrs_post_init__(self) -> None:
        if self.evaluation.observed >= self.length:
            raise ValueError(
                f"evaluation.observed is {self.evaluation.observed}, a clip has {self.length} "
                "frames; leave some to predict"
            )


@attrs.frozen
class CheckpointStageConfig:
    """Take a checkpoint that is there already, in the place of a stage that would make one."""

    path: str = setting(help="runs/NAME/STAGE, a folder of checkpoints, or one checkpoint")


@attrs.frozen
class EvaluateConfig:
    """Judge the agent of an earlier stage."""

    source: str = setting(help="stages.NAME, or the path of a run or of one of its stages")
    episodes: int = setting(10, help="episodes to run", minimum=1, maximum=limits.EPISODES)
    simulators: int = setting(
        1, help="episodes simulated side by side", minimum=1, maximum=limits.PROCESSES
    )
    processes: bool = setting(True, help="a worker process each; false: in turn, in this process")
    policy: str = setting(
        "eval", help="how actions are chosen", choices=("eval", "train", "random")
    )
    max_steps: int = setting(
        MAX_STEPS,
        help="decisions after which an evaluation episode is cut off",
        minimum=1,
        maximum=limits.STEPS,
    )
    trust: bool = setting(False, help="let the run at a path bring its own code along")


@attrs.frozen
class CollectConfig:
    """Fill a replay without learning: at random, or with the agent of an earlier stage."""

    suite: Part = part("suite", help="the benchmark and its task")
    env_steps: int = setting(help="budget in simulator frames", minimum=1, maximum=limits.STEPS)
    source: str | None = setting(None, help="stages.NAME or a run's path; none: random actions")
    trust: bool = setting(False, help="let the run at that path bring its own code along")
    simulators: int = setting(
        1, help="simulators stepping side by side (N)", minimum=1, maximum=limits.PROCESSES
    )
    processes: bool = setting(True, help="a worker process each; false: in turn, in this process")
    capacity: int = setting(
        1_000_000, help="agent steps kept, oldest dropped first", minimum=1, maximum=limits.ROWS
    )
