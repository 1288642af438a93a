"""Settings of the Gymnasium suite."""

from __future__ import annotations

import math
from typing import Any, Literal

import attrs

from wmframe import limits
from wmframe.config import setting

Pixels = Literal["auto", "observation", "render", "none"]
Reduction = Literal["max", "sum", "mean", "last", "ever"]


def modules_in(value: str | tuple[str, ...]) -> list[str]:
    """The ``MODULE:NAME`` in a setting: the module is imported and the object called."""
    return [text for text in ((value,) if isinstance(value, str) else value) if ":" in text]


@attrs.frozen
class GymnasiumConfig:
    """One environment, and its observations."""

    id: str = setting(
        help="a Gymnasium id (CartPole-v1), MODULE:ID where a module registers it, or "
        "MODULE:NAME of a class or function that makes an environment",
        executes=modules_in,
    )
    kwargs: dict[str, Any] = setting(
        attrs.Factory(dict),
        help="arguments of the environment, passed to gymnasium.make",
        minimum=-math.inf,
        maximum=math.inf,
    )
    wrappers: tuple[str, ...] = setting(
        (),
        help="MODULE:NAME of Gymnasium wrappers, applied to the environment in order",
        executes=modules_in,
    )
    pixels: Pixels = setting(
        "auto",
        help="the image: an observed or a rendered one; auto: observed if there is one",
        choices=("auto", "observation", "render", "none"),
    )
    vectors: bool = setting(
        False, help="also observe everything but images, flattened; always on without an image"
    )
    size: int = setting(
        64, help="side of an image in pixels, resized to a square", minimum=8, maximum=limits.SIDE
    )
    scores: dict[str, Reduction] = setting(
        attrs.Factory(dict),
        help="keys of info that score an episode, each with max, sum, mean, last or ever "
        "(1 if ever positive); A/B looks into a dict",
    )
    action_repeat: int = setting(
        1, help="environment steps per decision", minimum=1, maximum=limits.STEPS
    )
    time_limit: int | None = setting(
        None,
        help="environment steps per episode; default: the limit of the id",
        minimum=1,
        maximum=limits.STEPS,
    )
    deterministic: bool = setting(
        True,
        help="false: a seed does not determine an episode, so a resumed run begins the next one",
    )
