"""Settings of the Meta-World suite."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from wmframe.config import setting
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
        help="raw: as rendered; reference: flipped, as mujoco-py gave it; upright: turned",
        choices=("raw", "reference", "upright"),
    )
    size: int = setting(64, help="side of the picture in pixels", minimum=8)
    render: Render = setting("full", help=RENDER_HELP, choices=tuple(PROFILES))
    state: bool = setting(False, help="also observe the 39 numbers of the state, as key 'state'")
    action_repeat: int = setting(1, help="simulator frames a decision", minimum=1)
    time_limit: int = setting(
        HORIZON, help="simulator frames an episode", minimum=1, maximum=HORIZON
    )
    stale_first_frame: bool = setting(
        False, help="draw an episode's first picture before objects are in place, as the reference"
    )
