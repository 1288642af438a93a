"""How many frames a second one simulator gives in this process, by task and render profile.

``python tests/benchmarks/bench_simulators.py [ROUNDS]``. A frame is a simulator step with its
picture of 64x64; actions are random and resets are included.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import numpy as np
from machine import rate, report, rounds, take_turns

from wmframe.config import Part
from wmframe.envs.vector import Simulators
from wmframe.recipe.structure import structure_part

TASKS = (("metaworld", "drawer-open"), ("dmc", "walker_walk"), ("dmc", "cartpole_balance"))
PROFILES = ("full", "near_lossless", "fast")
SECONDS = 0.4
"""Of a round of one case."""


def make(suite: str, task: str, render: str) -> Simulators:
    """One simulator, in the middle of its first episode."""
    table = {"use": suite, "task": task, "render": render, "action_repeat": 1}
    part: Part = structure_part("suite", table)
    simulators = Simulators(part.build(), 1, seed=0, processes=False)
    simulators.send(None)
    simulators.receive()
    return simulators


def step(simulators: Simulators, rng: np.random.Generator) -> None:
    """One frame by a random action."""
    simulators.send(simulators.codec.sample(rng)[None])
    simulators.receive()


def main() -> None:
    """Print a line for each task and profile."""
    many, rng = rounds(5), np.random.default_rng(0)
    for suite, task in TASKS:
        with ExitStack() as stack:
            made = {p: stack.enter_context(make(suite, task, p)) for p in PROFILES}
            cases = {p: partial(rate, partial(step, s, rng), SECONDS) for p, s in made.items()}
            for render, figures in take_turns(cases, many):
                report(f"{suite} {task}", "frames/s", figures, render=render)


if __name__ == "__main__":
    main()
