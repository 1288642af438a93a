"""The optimizer against numbers recorded from the authors' code, and by hand."""

from __future__ import annotations

import pytest
import torch
from recorded_v3 import Case

from wmframe.config import default_part
from wmframe.training.optimizer import Optimizer

SETTINGS = {
    "default": {},
    "weight_decay": {"weight_decay": 0.1},
    "no_agc": {"clip_each": 0.0},
}


def laprop(parameters, **settings):
    return Optimizer(parameters, default_part("optimizer", {"use": "wmframe.laprop", **settings}))


@pytest.mark.parametrize("variant", SETTINGS)
def test_golden_optimizer(variant):
    case = Case("case07", variant)
    config = case.meta["config"]
    given = {key: config[key] for key in ("lr", "warmup", "eps", "beta1", "beta2")}
    agc = {"clip_each": config["agc"]}
    params = {n: torch.nn.Parameter(x.clone()) for n, x in case.under("param").items()}
    optimizer = laprop(params.values(), **{**given, **agc, **SETTINGS[variant]})
    for step in range(config["steps"]):
        for name, parameter in params.items():
            parameter.grad = case[f"in/{name}"][step].clone()
        optimizer.step()
        for name, parameter in params.items():
            wanted = case[f"out/{name}"]
            worst = (parameter - wanted[step]).abs().max()
            assert worst <= 2e-5 * wanted.abs().max(), f"{name} after step {step}: {worst:.2g}"


def test_directions_by_hand():
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = laprop([parameter], lr=1.0, clip_each=0.0)
    moved = []
    for gradient in (1.0, -0.5, 0.25):
        before = parameter.item()
        parameter.grad = torch.full_like(parameter, gradient)
        optimizer.step()
        moved.append(before - parameter.item())
    assert moved == pytest.approx([1, 0.140763, 0.228341], abs=1e-6)


@pytest.mark.parametrize(("size", "gradient", "factor"), [(2.0, 3.0, 0.2), (0.0, 1.0, 3e-4)])
def test_clipping_by_hand(size, gradient, factor):
    from wmframe.training.optimizer import clip_each

    parameter = torch.nn.Parameter(torch.tensor([size, 0.0]))
    parameter.grad = torch.tensor([0.0, gradient])
    clip_each([parameter], 0.3)
    assert parameter.grad[1].item() == pytest.approx(gradient * factor)
