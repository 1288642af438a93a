"""Optimizer: the recorded steps of the reference, holding, clipping, resuming."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from support.golden import GoldenCase, variants
from wmframe.config import default_part
from wmframe.training.optimizer import Optimizer, clip_each


def settings(kind="adam", **values):
    return default_part("optimizer", {"use": kind, **values})


def numbered_module(params):
    """Linear layers that are named as the recorded parameters are."""
    numbers = sorted({name.split(".")[0] for name in params})
    layers = {n: nn.Linear(*reversed(params[f"{n}.weight"].shape)).double() for n in numbers}
    module = nn.ModuleDict(layers)
    module.load_state_dict(params)
    return module


@pytest.mark.parametrize("name", variants("case17"))
def test_golden_steps(name):
    case = GoldenCase("case17")
    variant = case.variant(name)
    module = numbered_module(case.tensors(f"{name}/in/step0/"))
    optimizer = Optimizer(
        module.parameters(),
        settings(
            kind=variant["opt"],
            lr=variant["lr"],
            eps=variant["eps"],
            clip=variant["clip"],
            weight_decay=variant["wd"],
        ),
    )
    for step, norm in enumerate(variant["grad_norm"], start=1):
        for key, parameter in module.named_parameters():
            parameter.grad = case[f"{name}/in/grad{step}/{key}"]
        assert float(optimizer.step()) == pytest.approx(norm, rel=1e-5)
        case.compare_all(f"{name}/out/step{step}/", dict(module.named_parameters()))


def test_golden_hold_of_the_learning_rate():
    rates = GoldenCase("case17")["enc_lr_hold/out/total_iters5"]
    config = settings(lr=float(rates.max()), hold=5)
    optimizer = Optimizer([one()], config)
    seen = [rate_of_a_step(optimizer) for _ in rates]
    assert seen == pytest.approx(rates.tolist())


def test_without_a_hold_the_first_step_moves():
    # the reference keeps a learning rate of 0 for ever when it is told to hold for no step
    assert rate_of_a_step(Optimizer([one()], settings(lr=0.5, hold=0))) == 0.5


@pytest.mark.parametrize("kind", ["adam", "adamw"])
def test_held_parameters_stay_while_their_moments_move(kind):
    parameter = one()
    optimizer = Optimizer([parameter], settings(kind=kind, weight_decay=0.1, hold=1))
    rate_of_a_step(optimizer)
    assert parameter.item() == 1.0
    assert optimizer.torch.state[parameter]["exp_avg"].item() != 0
    rate_of_a_step(optimizer)
    assert parameter.item() < 1.0


def test_a_hold_is_resumed():
    first, second = (Optimizer([one()], settings(lr=0.5, hold=2)) for _ in range(2))
    rate_of_a_step(first)
    second.torch.load_state_dict(first.torch.state_dict())
    assert [rate_of_a_step(second) for _ in range(2)] == [0.0, 0.5]


def test_a_clip_of_zero_leaves_gradients_alone():
    free, tight = one(), one()
    for parameter, clip in ((free, 0.0), (tight, 1e-6)):
        optimizer = Optimizer([parameter], settings(lr=1.0, eps=1.0, clip=clip))
        rate_of_a_step(optimizer)
    assert free.item() == pytest.approx(0.5, abs=1e-3)  # a step of g / (|g| + eps) with g = 1
    assert tight.item() == pytest.approx(1.0, abs=1e-3)


def test_a_step_drops_the_gradients_and_skips_frozen_parameters():
    parameter, frozen = one(), one().requires_grad_(False)
    optimizer = Optimizer([parameter, frozen], settings())
    rate_of_a_step(optimizer)
    assert parameter.grad is None
    assert optimizer.parameters == [parameter]


def one():
    return nn.Parameter(torch.ones((), dtype=torch.float64))


def rate_of_a_step(optimizer):
    for parameter in optimizer.parameters:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return optimizer.torch.param_groups[0]["lr"]


def test_laprop_takes_the_directions_of_the_algorithm():
    # by hand: v and m of gradients 1, -0.5, 0.25 with both moments' bias removed
    parameter = nn.Parameter(torch.zeros((), dtype=torch.float64))
    optimizer = Optimizer([parameter], settings("laprop", lr=1.0, clip_each=0.0))
    seen = []
    for gradient in (1.0, -0.5, 0.25):
        before = parameter.item()
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        seen.append(before - parameter.item())
    assert seen == pytest.approx([1.0, 0.140763, 0.228341], abs=1e-6)


@pytest.mark.parametrize(("length", "gradient", "factor"), [(2.0, 3.0, 0.2), (0.0, 1.0, 3e-4)])
def test_a_gradient_is_clipped_in_proportion_to_its_tensor(length, gradient, factor):
    parameter = nn.Parameter(torch.tensor([length, 0.0]))
    parameter.grad = torch.tensor([0.0, gradient])
    clip_each([parameter], 0.3)
    assert parameter.grad.tolist() == pytest.approx([0.0, gradient * factor])


def test_a_rate_rises_from_zero_after_the_hold():
    optimizer = Optimizer([one()], settings(lr=0.5, hold=1, warmup=4))
    rates = [rate_of_a_step(optimizer) for _ in range(7)]
    assert rates == pytest.approx([0.0, 0.0, 0.125, 0.25, 0.375, 0.5, 0.5])


def test_laprop_goes_on_where_it_was_saved():
    first, second = (Optimizer([one()], settings("laprop", warmup=3)) for _ in range(2))
    for _ in range(2):
        rate_of_a_step(first)
    second.torch.load_state_dict(copy.deepcopy(first.torch.state_dict()))
    second.parameters[0].data.copy_(first.parameters[0].data)
    for optimizer in (first, second):
        rate_of_a_step(optimizer)
    assert torch.equal(first.parameters[0], second.parameters[0])
