"""A rate that is held counts the same in tensors as in numbers, and is saved as numbers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from wmframe.config import default_part
from wmframe.training import rate
from wmframe.training.optimizer import Optimizer


def settings(kind="adam", **values):
    return default_part("optimizer", {"use": kind, **values})


CONFIG = settings(lr=0.5, hold=2)  # a rate that float32 has exactly


@pytest.fixture
def on_device(monkeypatch):
    """Let optimizers on the CPU do as those on a GPU."""
    return lambda: monkeypatch.setattr(rate, "RECORDING", frozenset({"cpu"}))


@pytest.mark.parametrize("kind", ["adam", "adamw"])
def test_tensors_step_as_numbers_do(kind, on_device):
    config = settings(kind=kind, lr=0.5, hold=2, weight_decay=0.25)
    plain = run(Optimizer([one()], config), 5)
    on_device()
    held = Optimizer([one()], config)
    torch.testing.assert_close(run(held, 5), plain, rtol=0, atol=0)
    assert isinstance(held.torch.param_groups[0]["lr"], Tensor)
    assert held.torch.param_groups[0]["capturable"]


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_checkpoints_hold_the_same_numbers(steps, on_device):
    config = settings(lr=3e-4, hold=2)
    plain = Optimizer([one()], config)
    run(plain, steps)
    on_device()
    held = Optimizer([one()], config)
    run(held, steps)
    assert held.torch.state_dict()["param_groups"] == plain.torch.state_dict()["param_groups"]


def test_a_checkpoint_goes_on_either_way(on_device, monkeypatch):
    with monkeypatch.context() as numbers:
        numbers.setattr(rate, "RECORDING", frozenset())
        whole = run(Optimizer([one()], CONFIG), 4)
    for first, then in ((frozenset({"cpu"}), frozenset()), (frozenset(), frozenset({"cpu"}))):
        monkeypatch.setattr(rate, "RECORDING", first)
        begun = Optimizer([one()], CONFIG)
        steps = run(begun, 1)
        monkeypatch.setattr(rate, "RECORDING", then)
        with torch.no_grad():
            ended = Optimizer([one().copy_(begun.parameters[0])], CONFIG)
        ended.torch.load_state_dict(begun.torch.state_dict())
        torch.testing.assert_close(steps + run(ended, 3), whole, rtol=0, atol=0)


def one():
    return nn.Parameter(torch.ones(()))


def run(optimizer, steps):
    """The parameter after each step."""
    (parameter,) = optimizer.parameters
    seen = []
    for _ in range(steps):
        parameter.grad = torch.full_like(parameter, 2.0)
        optimizer.step()
        seen.append(parameter.detach().clone())
    return seen
