"""How many updates a second the agent of a recipe takes, on random batches.

``python tests/benchmarks/bench_learner.py [ROUNDS [RECIPE[:PROFILE]...]]``. Batches have the size
that the recipe says; a recipe without a profile is of the paper's size, and slow without a GPU.
"""

from __future__ import annotations

import sys
from functools import partial

import torch
from machine import rate, report, rounds, take_turns

from wmframe.envs.actions import ActionCodec
from wmframe.interfaces import Agent
from wmframe.recipe import Recipe, load_recipe
from wmframe.stages.estimate import suite_specs
from wmframe.stages.run import choose_device
from wmframe.stages.specs import Specs
from wmframe.types import Batch

CASES = ("dreamerv2_metaworld:quick", "dreamerv2_dmc:cpu")
SECONDS = 0.5
"""Of a round of one case; a longer update is a round by itself."""


def random_batch(specs: Specs, batch: int, length: int, device: str) -> Batch:
    """Windows in which anything happens, but no resets within."""
    lead = (batch, length)
    flags = {name: torch.zeros(lead) for name in ("is_first", "is_last", "is_terminal")}
    flags["is_first"][:, 0] = 1
    obs = {
        key: torch.randint(256, (*lead, *s.shape), dtype=torch.uint8)
        if s.dtype == "uint8"
        else torch.randn(*lead, *s.shape)
        for key, s in specs.obs.items()
    }
    codec = ActionCodec(specs.action)
    action = torch.rand(*lead, codec.spec.size) * 2 - 1
    data = {**obs, **flags, "action": action, "reward": torch.rand(lead)}
    return {key: value.to(device) for key, value in data.items()}


def update(agent: Agent, batch: Batch) -> None:
    """One update, waited for."""
    agent.update(batch)
    if next(agent.parameters()).is_cuda:
        torch.cuda.synchronize()


def main() -> None:
    """Print a line for each recipe."""
    many = rounds(5)
    for case in sys.argv[2:] or CASES:
        path, _, profile = case.partition(":")
        measure(case, load_recipe(path, profile or None), many)


def measure(case: str, recipe: Recipe, many: int) -> None:
    """Print the line of a recipe's first stage."""
    settings = recipe.stages[0][1].config
    device = choose_device(recipe)
    specs = suite_specs(settings.suite.build())
    agent = specs.build(settings.agent).to(device)
    size = (settings.replay.batch, settings.replay.length)
    one = partial(update, agent, random_batch(specs, *size, device))
    one()  # makes the optimizers' state
    [(_, figures)] = take_turns({case: partial(rate, one, SECONDS)}, many)
    report(case, "updates/s", figures, batch=size, device=device, threads=torch.get_num_threads())


if __name__ == "__main__":
    main()
