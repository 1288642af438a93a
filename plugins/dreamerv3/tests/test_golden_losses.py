"""Losses of actor and critic against recorded numbers, and by hand."""

from __future__ import annotations

import math

import pytest
import torch
from recorded_v3 import Case

from wmframe.config import default_part
from wmframe.nn.distributions.normal import Normal
from wmframe.nn.distributions.two_hot import TwoHot
from wmframe.nn.percentiles import Percentiles
from wmframe.nn.returns import lambda_return
from wmframe_dreamerv3.losses import Dreamed, dreamed_losses, replay_returns, value_loss

DISCOUNT = 1 - 1 / 333


def turned(tensor):
    """Time first, gradients wanted."""
    return tensor.transpose(0, 1).contiguous().requires_grad_()


def test_golden_imagination_losses():
    case = Case("case06", "imagination")
    inputs = {name: turned(case[f"in/{name}"]) for name in ("mean", "stddev", "value_logits")}
    scale = Percentiles().double()
    scale.low.fill_(case["in/retnorm_low"].item())
    scale.high.fill_(case["in/retnorm_high"].item())
    dreamed = Dreamed(
        turned(case["in/action"])[:-1],
        Normal(inputs["mean"][:-1], inputs["stddev"][:-1]),
        turned(case["in/reward"]),
        turned(case["in/cont"]),
        TwoHot(inputs["value_logits"]),
        TwoHot(turned(case["in/slow_logits"])),
    )
    losses = dreamed_losses(dreamed, scale, lambda_=0.95, entropy=3e-4, slow=1.0)
    case.compare("out/ret", losses.returns.T)
    case.compare("out/policy_loss", losses.policy.T)
    case.compare("out/value_loss", losses.value.T)
    case.compare("out/retnorm_low", scale.low[None])
    case.compare("out/retnorm_high", scale.high[None])
    total = losses.policy.mean() + losses.value.mean()
    for name, grad in zip(inputs, torch.autograd.grad(total, list(inputs.values())), strict=True):
        case.compare(f"grad/{name}", grad.transpose(0, 1))


def test_golden_replay_loss():
    case = Case("case06", "replay")
    logits = turned(case["in/value_logits"])
    flags = [case[f"in/{name}"].double().T for name in ("is_last", "is_terminal")]
    returns = replay_returns(
        case["in/reward"].T, case["in/boot"].T, *flags, discount=DISCOUNT, lambda_=0.95
    )
    case.compare("out/ret", returns.T)
    slow = TwoHot(case["in/slow_logits"].transpose(0, 1))
    loss = (1 - flags[0][:-1]) * value_loss(TwoHot(logits), slow, returns, 1.0)
    case.compare("out/loss", loss.T)
    (grad,) = torch.autograd.grad(loss.mean(), logits)
    case.compare("grad/value_logits", grad.transpose(0, 1))


def test_golden_percentiles():
    case = Case("case01", "retnorm")
    scale = Percentiles().double()
    for step, returns in enumerate(case["in/returns"]):
        found = scale(returns)
        assert scale.low.item() == pytest.approx(case["out/low"][step].item(), rel=2e-5)
        assert found.item() == pytest.approx(case["out/scale"][step].item(), rel=2e-5)


def test_golden_lambda_return():
    case = Case("case01", "lambda_return")
    last, term = case["in/last"].double().T, case["in/term"].double().T
    boot = case["in/boot"].T
    found = lambda_return(
        case["in/reward"].T[1:],
        boot[:-1],
        DISCOUNT * (1 - term[1:]),
        boot[-1],
        0.95 * (1 - last[1:]),
    )
    case.compare("out/ret", found.T)


def column(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)[:, None]


def test_returns_of_imagination_by_hand():
    reward, value = column(9, 1, 0, 2), column(5, 4, 3, 2)
    cont = 1 - column(0.003, 0.003, 0.5, 0.003)
    found = lambda_return(reward[1:], value[:-1], cont[1:], value[-1], 0.95)
    assert found.flatten().tolist() == pytest.approx([3.067322, 1.972150, 3.994000], abs=1e-6)


def test_returns_of_replay_by_hand():
    flags = column(0, 0, 1, 0)
    found = replay_returns(
        column(9, 1, 0, 2), column(5, 4, 3, 2), flags, flags, discount=DISCOUNT, lambda_=0.95
    )
    assert found.flatten().tolist() == pytest.approx([1.199399, 0, 3.993994], abs=1e-6)


@pytest.mark.parametrize(
    ("number", "bins", "weights"),
    [
        (1.0, (131, 132), (0.617329, 0.382671)),
        (-3.5, (117, 118), (0.531368, 0.468632)),
        (100.0, (156, 157), (0.710529, 0.289471)),
        (0.0, (127,), (1.0,)),
        (1e9, (254,), (1.0,)),
        (-1e9, (0,), (1.0,)),
    ],
)
def test_a_number_is_shared_by_the_bins_beside_it(number, bins, weights):
    logit = torch.zeros(1, 255, dtype=torch.float64, requires_grad=True)
    TwoHot(logit).log_prob(torch.tensor([number], dtype=torch.float64)).sum().backward()
    target = logit.grad[0] + 1 / 255  # gradient of cross-entropy: target - softmax
    found = target.topk(len(bins)).indices.sort().values.tolist()
    assert tuple(found) == bins
    assert target[list(bins)].tolist() == pytest.approx(weights, abs=1e-6)


def test_bins_are_where_the_paper_has_them():
    bins = TwoHot(torch.zeros(1, 255, dtype=torch.float64)).bins
    assert bins[[128, 129]].tolist() == pytest.approx([0.17055772, 0.37020537], abs=1e-7)
    assert bins[254].item() == pytest.approx(485165194.41, abs=0.01)
    loss = -TwoHot(torch.zeros(1, 255)).log_prob(torch.ones(1))
    assert loss.item() == pytest.approx(math.log(255), abs=1e-5)


def test_the_policys_deviation_and_entropy_at_zero():
    output = default_part("output", {"use": "wmframe.normal", "scale": 0.0})
    dist = output.build(in_dim=4, shape=(1,), groups=())(torch.zeros(1, 4))
    assert dist.std.item() == pytest.approx(0.892717, abs=1e-6)
    entropies = [
        Normal(torch.zeros(1, 1), torch.full((1, 1), s)).entropy().item() for s in (0.1, 1)
    ]
    assert entropies == pytest.approx([-0.883647, 1.418939], abs=1e-6)
