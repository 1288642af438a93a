"""Settings of the DMC Remastered suite."""

from __future__ import annotations

from typing import Final

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe.envs.profiles import PROFILES, RENDER_HELP, Render
from wmframe_dmc_remastered.seeds import HIGHEST, Seeds, dynamics_seeds, visual_seeds
from wmframe_dmc_remastered.tasks import TASKS, task_name

VARY: Final = ("bg", "floor", "body", "target", "reflectance", "camera", "light")
"""Factors that a visual seed can change, with the publisher's names."""


@attrs.frozen
class DmcRemasteredConfig:
    """A task of DMC Remastered with ContextWM's settings: a different look in every episode."""

    task: str = setting(help="a task such as walker_walk", choices=TASKS, normalize=task_name)
    train_seeds: Seeds = setting(
        "1..1000000",
        help='visual seeds of training: one, a list or "LOW..HIGH"; 0 default, < 0 recoloured',
        normalize=visual_seeds,
        minimum=-HIGHEST,
        maximum=HIGHEST,
    )
    test_seeds: Seeds = setting(
        "1..1000000",
        help="visual seeds of evaluation, likewise",
        normalize=visual_seeds,
        minimum=-HIGHEST,
        maximum=HIGHEST,
    )
    dynamics_seeds: Seeds = setting(
        "1..100000",
        help="seeds of the initial state, likewise",
        normalize=dynamics_seeds,
        minimum=0,
        maximum=HIGHEST,
    )
    vary: tuple[str, ...] = setting(VARY, help="factors that a visual seed changes", choices=VARY)
    fixed_camera: bool = setting(
        False, help="remove camera from vary, as ContextWM does for hopper"
    )
    assets: str = setting(
        "",
        help='folder of the publisher\'s textures, or "procedural"; empty: what is installed',
    )
    camera: int = setting(
        0, help="camera number; visual seeds move camera 0", minimum=-1, maximum=100
    )
    size: int = setting(64, help="side of the image in pixels", minimum=8, maximum=limits.SIDE)
    render: Render = setting("full", help=RENDER_HELP, choices=tuple(PROFILES))
    proprioception: bool = setting(
        False, help="also observe the task's vectors, each with its dm_control name"
    )
    action_repeat: int = setting(
        2, help="simulator frames per decision", minimum=1, maximum=limits.STEPS
    )
    time_limit: int = setting(
        1000, help="simulator frames per episode", minimum=1, maximum=limits.STEPS
    )
