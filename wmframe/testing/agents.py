"""What every agent promises in addition to every learner: it acts.

Letters: N simulators, A action, B batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, get_args

import torch
from torch import Tensor

from wmframe.config import Part
from wmframe.interfaces.models import Agent
from wmframe.testing.expect import expect
from wmframe.testing.learners import check_learner
from wmframe.testing.samples import BATCH, CONTINUOUS, IMAGES, batch
from wmframe.training.samples import raw
from wmframe.types import ActionSpec, Mode, ObsSpec

MODES: Final[tuple[Mode, ...]] = get_args(Mode)

Build = Callable[[], Agent]


def check_agent_part(part: Part) -> None:
    """Build an agent of 64×64 pictures and three continuous actions and check it.

    Raises:
        ConformanceError: with what to change.
    """
    check_agent(lambda: part.build(obs=IMAGES, action=CONTINUOUS))


def check_agent(build: Build, obs: ObsSpec = IMAGES, action: ActionSpec = CONTINUOUS) -> None:
    """Check an agent.

    Args:
        build: makes a fresh agent each time, for ``obs`` and ``action``.
        obs: what it observes.
        action: what it produces.

    Raises:
        ConformanceError: with what to change.
    """
    check_acting(build(), obs, action)
    check_learner(build, lambda: batch(obs, action))


def check_acting(agent: Agent, obs: ObsSpec, action: ActionSpec) -> None:
    """Check the actions of every mode, and of mode train in bfloat16 as well."""
    with torch.inference_mode():
        for mode in MODES:
            check_mode(agent, obs, action, mode)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            check_mode(agent, obs, action, "train")


def check_mode(agent: Agent, obs: ObsSpec, action: ActionSpec, mode: Mode) -> None:
    """Check the actions of a mode, and that nothing is remembered across ``is_first``."""
    inputs = {**raw(obs, BATCH), "is_first": torch.ones(BATCH)}
    going_on = {**raw(obs, BATCH), "is_first": torch.zeros(BATCH)}
    fresh = agent.initial_state(BATCH)
    first_NA, state = agent.act(inputs, fresh, mode)
    then_NA, used = agent.act(going_on, state, mode)
    check_actions(first_NA, action, mode)
    check_actions(then_NA, action, mode)
    expected_NA, got_NA = (seeded_act(agent, inputs, past, mode) for past in (fresh, used))
    message = f"in mode {mode}, what came before is_first changes the action; mask it"
    expect(torch.allclose(expected_NA, got_NA, atol=1e-5), message)


def seeded_act(agent: Agent, inputs: dict[str, Tensor], state: object, mode: Mode) -> Tensor:
    """Actions under a fixed seed."""
    torch.manual_seed(0)
    return agent.act(inputs, state, mode)[0]


def check_actions(action_NA: Tensor, action: ActionSpec, mode: Mode) -> None:
    """Check shape and range of actions."""
    shape = tuple(action_NA.shape)
    expect(shape == (BATCH, action.size), f"in mode {mode}, actions are {shape}, not [N, A]")
    if action.discrete:
        groups = torch.split(action_NA.float(), list(action.groups), -1)
        ones = torch.ones(BATCH)
        one_hot = all(
            torch.equal(g.amax(-1), ones) and torch.equal(g.sum(-1), ones) for g in groups
        )
        expect(one_hot, f"in mode {mode}, actions are not one-hot in each group")
    else:
        bounded = bool((action_NA.abs() <= 1).all())
        expect(bounded, f"in mode {mode}, actions leave [-1, 1]")
