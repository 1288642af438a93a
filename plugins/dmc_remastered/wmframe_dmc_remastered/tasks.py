"""The tasks of DMC Remastered, as a list that needs no import of a simulator."""

from __future__ import annotations

from typing import Final

DOMAINS: Final = {
    "ball_in_cup": ("catch",),
    "cartpole": ("balance", "balance_sparse", "swingup", "swingup_sparse"),
    "cheetah": ("run",),
    "finger": ("spin", "turn_easy", "turn_hard"),
    "fish": ("swim", "upright"),
    "hopper": ("hop", "stand"),
    "humanoid": ("run", "stand", "walk"),
    "pendulum": ("swingup",),
    "reacher": ("easy", "hard"),
    "walker": ("run", "stand", "walk"),
}
"""Tasks by domain."""

NAMES: Final = {f"{domain}_{task}": (domain, task) for domain, ts in DOMAINS.items() for task in ts}
"""Domain and task by our name, such as ``walker_walk``."""

TASKS: Final = tuple(NAMES)


def task_name(name: str) -> str:
    """Our name of a task: ``walker-walk`` is ``walker_walk``; ``cup_catch`` is known too."""
    plain = name.replace("-", "_").lower()
    return "ball_in_cup_catch" if plain == "cup_catch" else plain
