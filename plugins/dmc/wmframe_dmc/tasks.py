"""The tasks of the DeepMind Control Suite, as a list that needs no import of it."""

from __future__ import annotations

from typing import Final

DOMAINS: Final = {
    "acrobot": ("swingup", "swingup_sparse"),
    "ball_in_cup": ("catch",),
    "cartpole": (
        "balance",
        "balance_sparse",
        "swingup",
        "swingup_sparse",
        "three_poles",
        "two_poles",
    ),
    "cheetah": ("run",),
    "dog": ("fetch", "run", "stand", "trot", "walk"),
    "finger": ("spin", "turn_easy", "turn_hard"),
    "fish": ("swim", "upright"),
    "hopper": ("hop", "stand"),
    "humanoid": ("run", "run_pure_state", "stand", "walk"),
    "humanoid_CMU": ("run", "stand", "walk"),
    "lqr": ("lqr_2_1", "lqr_6_2"),
    "manipulator": ("bring_ball", "bring_peg", "insert_ball", "insert_peg"),
    "pendulum": ("swingup",),
    "point_mass": ("easy", "hard"),
    "quadruped": ("escape", "fetch", "run", "walk"),
    "reacher": ("easy", "hard"),
    "stacker": ("stack_2", "stack_4"),
    "swimmer": ("swimmer15", "swimmer6"),
    "walker": ("run", "stand", "walk"),
}
"""Tasks by domain."""

NAMES: Final = {f"{domain}_{task}": (domain, task) for domain, ts in DOMAINS.items() for task in ts}
"""Domain and task by our name, such as ``walker_walk``."""

TASKS: Final = tuple(NAMES)

_ALIASES: Final = {name.lower(): name for name in TASKS} | {"cup_catch": "ball_in_cup_catch"}


def task_name(name: str) -> str:
    """Our name of a task: ``walker-walk`` is ``walker_walk``; ``cup_catch`` is known too."""
    plain = name.replace("-", "_")
    return _ALIASES.get(plain.lower(), plain)
