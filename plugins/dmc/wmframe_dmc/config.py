"""Settings of the DeepMind Control suite."""

from __future__ import annotations

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe.envs.profiles import PROFILES, RENDER_HELP, Render
from wmframe_dmc.tasks import TASKS, task_name


@attrs.frozen
class DmcConfig:
    """A task of the DeepMind Control Suite, seen as DreamerV2 and APV saw it."""

    task: str = setting(help="a task such as walker_walk", choices=TASKS, normalize=task_name)
    camera: int = setting(
        -1, help="camera number; -1 takes 2 for quadruped and 0 for others", minimum=-1, maximum=100
    )
    size: int = setting(64, help="side of the picture in pixels", minimum=8, maximum=limits.SIDE)
    render: Render = setting("full", help=RENDER_HELP, choices=tuple(PROFILES))
    pixels: bool = setting(True, help="observe a picture; false: nothing is rendered")
    proprioception: bool = setting(
        False, help="also observe the task's own vectors, each under its name in dm_control"
    )
    action_repeat: int = setting(
        2, help="simulator frames a decision", minimum=1, maximum=limits.STEPS
    )
    time_limit: int = setting(
        1000, help="simulator frames an episode", minimum=1, maximum=limits.STEPS
    )

    def __attrs_post_init__(self) -> None:
        if not (self.pixels or self.proprioception):
            raise ValueError("pixels and proprioception are both false; nothing is observed")
