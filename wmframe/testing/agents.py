"""What every agent promises: it acts, learns, predicts, and all of its state can be saved.

Letters: N simulators, A action, B batch, T time.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Final, get_args

import torch
from torch import Tensor, optim

from wmframe.config import Part
from wmframe.interfaces.models import Agent
from wmframe.testing.expect import expect
from wmframe.testing.networks import check_scalars
from wmframe.testing.samples import BATCH, CONTINUOUS, IMAGES, TIME, batch, raw
from wmframe.types import ActionSpec, Metrics, Mode, ObsSpec

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
    agent = build()
    check_acting(agent, obs, action)
    check_learning(agent, obs, action)
    check_saving(agent, build(), obs, action)
    check_predicting(agent, obs, action)


def check_acting(agent: Agent, obs: ObsSpec, action: ActionSpec) -> None:
    """Check the actions of every mode, and that nothing is remembered across ``is_first``."""
    inputs = {**raw(obs, BATCH), "is_first": torch.ones(BATCH)}
    going_on = {**raw(obs, BATCH), "is_first": torch.zeros(BATCH)}
    fresh = agent.initial_state(BATCH)
    with torch.inference_mode():
        for mode in MODES:
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
        groups = torch.split(action_NA, list(action.groups), -1)
        ones = torch.ones(BATCH)
        one_hot = all(
            torch.equal(g.amax(-1), ones) and torch.equal(g.sum(-1), ones) for g in groups
        )
        expect(one_hot, f"in mode {mode}, actions are not one-hot in each group")
    else:
        bounded = bool((action_NA.abs() <= 1).all())
        expect(bounded, f"in mode {mode}, actions leave [-1, 1]")


def check_learning(agent: Agent, obs: ObsSpec, action: ActionSpec) -> None:
    """Check the metrics of an update, that it changes parameters, and the optimizers."""
    before = [parameter.detach().clone() for parameter in agent.parameters()]
    metrics = agent.update(batch(obs, action))
    expect(metrics, "update() returns no metrics")
    check_scalars(metrics, "metrics")
    attached = sorted(name for name, value in metrics.items() if value.requires_grad)
    expect(not attached, f"metrics {attached} hold on to the graph; detach them")
    changed = any(not torch.equal(a, b) for a, b in zip(before, agent.parameters(), strict=True))
    expect(changed, "update() changes no parameter")
    optimizers = agent.optimizers()
    real = all(isinstance(optimizer, optim.Optimizer) for optimizer in optimizers.values())
    expect(optimizers and real, "optimizers() gives the torch optimizers by name")


def check_saving(agent: Agent, other: Agent, obs: ObsSpec, action: ActionSpec) -> None:
    """Check that parameters, buffers and optimizers are all there is to an agent's state."""
    agent.update(batch(obs, action))
    other.load_state_dict(agent.state_dict())
    sources = agent.optimizers()
    for name, optimizer in other.optimizers().items():
        optimizer.load_state_dict(copy.deepcopy(sources[name].state_dict()))
    data = batch(obs, action)
    for step in (1, 2):
        ours, theirs = (seeded_update(one, data, step) for one in (agent, other))
        wrong = sorted(n for n in ours if not torch.allclose(ours[n], theirs[n], rtol=1e-6))
        expect(
            not wrong,
            f"after saving and loading, update {step} gives another {wrong}; keep all state in "
            "parameters, buffers and optimizers",
        )


def seeded_update(agent: Agent, data: dict[str, Tensor], seed: int) -> Metrics:
    """Metrics of an update under a fixed seed, kept from being overwritten by the next one."""
    torch.manual_seed(seed)
    return {name: value.clone() for name, value in agent.update(data).items()}


def check_predicting(agent: Agent, obs: ObsSpec, action: ActionSpec) -> None:
    """Check the open-loop video."""
    video = agent.predict(batch(obs, action), observed_steps=TIME // 2)
    expect({"truth", "model"} <= set(video), f"predict() gives {sorted(video)}, no truth and model")
    for name in ("truth", "model"):
        clip_BTHWC = video[name]
        shape, wanted = tuple(clip_BTHWC.shape[:2]), (BATCH, TIME)
        expect(clip_BTHWC.dim() == 5, f"{name} has {clip_BTHWC.dim()} dimensions: [B, T, H, W, C]")
        expect(shape == wanted, f"{name} begins with {shape}; [B, T] is {wanted}")
        bounded = bool((clip_BTHWC >= 0).all() and (clip_BTHWC <= 1).all())
        expect(bounded, f"{name} leaves [0, 1]; clamp it")
