"""Settings of the Atari suite."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from wmframe import limits
from wmframe.config import setting
from wmframe_atari.tasks import TASKS, task_name

Actions = Literal["full", "minimal"]
Lives = Literal["ignore", "continue", "restart"]

SCREEN_WIDTH: Final = 160
"""Of every game, in pixels; pictures are shrunk, never enlarged."""


@attrs.frozen
class AtariConfig:
    """A game, seen and played as DreamerV2 did (Hafner et al. 2020, section 3)."""

    task: str = setting(help="a game such as pong", choices=TASKS, normalize=task_name)
    actions: Actions = setting(
        "full",
        help="full: all 18 of the joystick; minimal: those that the game knows",
        choices=("full", "minimal"),
    )
    sticky_actions: float = setting(
        0.25,
        help="probability that a frame repeats the action of the frame before",
        minimum=0.0,
        maximum=1.0,
    )
    lives: Lives = setting(
        "ignore",
        help="ignore lost lives; or let each end a training episode as terminal, and the next one "
        "continue the game or restart it",
        choices=("ignore", "continue", "restart"),
    )
    noops: int = setting(
        30,
        help="frames without action at most, at the start of a game",
        minimum=0,
        maximum=limits.STEPS,
    )
    size: int = setting(64, help="side of the picture in pixels", minimum=8, maximum=SCREEN_WIDTH)
    grayscale: bool = setting(True, help="one channel of brightness; false: RGB")
    action_repeat: int = setting(
        4, help="simulator frames a decision", minimum=1, maximum=limits.STEPS
    )
    time_limit: int = setting(
        108_000,
        help="simulator frames an episode; 108,000 are 30 minutes",
        minimum=1,
        maximum=limits.STEPS,
    )
