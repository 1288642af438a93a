"""Settings of the Meta-World suite and of its experts' demonstrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe.data.shards.config import PackedConfig
from wmframe.envs.profiles import PROFILES, RENDER_HELP, Render
from wmframe_metaworld.tasks import TASKS, task_name

Orientation = Literal["raw", "reference", "upright"]

HORIZON: Final = 500
CAMERAS: Final = (
    "corner",
    "corner2",
    "corner3",
    "corner4",
    "topview",
    "behindGripper",
    "gripperPOV",
)


@attrs.frozen
class MetaWorldConfig:
    """A task of Meta-World v3, seen as APV and ContextWM saw it."""

    task: str = setting(help="a task such as drawer-open", choices=TASKS, normalize=task_name)
    camera: str = setting(
        "corner", help="corner2 stands where the reference moved it", choices=CAMERAS
    )
    orientation: Orientation = setting(
        "reference",
        help="raw: as rendered; reference: flipped, like mujoco-py; upright: rotated",
        choices=("raw", "reference", "upright"),
    )
    size: int = setting(64, help="side of the image in pixels", minimum=8, maximum=limits.SIDE)
    render: Render = setting("full", help=RENDER_HELP, choices=tuple(PROFILES))
    state: bool = setting(False, help="also observe the 39 numbers of the state, as key 'state'")
    action_repeat: int = setting(
        1, help="simulator frames per decision", minimum=1, maximum=limits.STEPS
    )
    time_limit: int = setting(
        HORIZON, help="simulator frames per episode", minimum=1, maximum=HORIZON
    )
    stale_first_frame: bool = setting(
        False,
        help="render an episode's first image before objects are in place, like the reference",
    )


def _task_names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(task_name(name) for name in names)


@attrs.frozen
class DemonstrationsConfig(PackedConfig):
    """Videos of Meta-World's scripted experts; without a path they are made on first use."""

    tasks: tuple[str, ...] = setting(
        TASKS,
        help="tasks of the experts; exclude the task that is fine-tuned afterwards",
        choices=TASKS,
        normalize=_task_names,
    )
    cameras: tuple[str, ...] = setting(
        ("corner",), help="cameras, each of which renders every episode", choices=CAMERAS
    )
    episodes: int = setting(
        20, help="training videos per task and camera", minimum=1, maximum=limits.EPISODES
    )
    held_out: int = setting(
        2, help="held-out videos per task and camera", minimum=1, maximum=limits.EPISODES
    )
    frames: int = setting(150, help="maximum frames of a video", minimum=2, maximum=HORIZON)
    linger: int = setting(
        10, help="frames after the task is solved", minimum=0, maximum=limits.STEPS
    )
    action_repeat: int = setting(
        1, help="simulator frames per frame of a video", minimum=1, maximum=limits.STEPS
    )
    noise: float = setting(
        0.1,
        help="standard deviation of the noise added to actions",
        minimum=0.0,
        maximum=limits.MAGNITUDE,
    )
    orientation: Orientation = setting(
        "reference", help="see the suite", choices=("raw", "reference", "upright")
    )
    render: Render = setting("fast", help=RENDER_HELP, choices=tuple(PROFILES))
    seed: int = setting(
        0, help="seed of goals, positions and noise", minimum=0, maximum=limits.SEED
    )
    size: int = setting(64, help="side of a frame in pixels", minimum=8, maximum=limits.SIDE)
    processes: int | None = setting(
        None,
        help="rendering processes; one per core by default, 0: only this one",
        minimum=0,
        maximum=limits.PROCESSES,
    )
