"""Heads and policies against numbers recorded from the authors' code."""

from __future__ import annotations

import attrs
import pytest
import torch
from recorded_v3 import Case
from torch.nn.functional import one_hot

from wmframe.models.heads import make_head
from wmframe.types import ActionSpec
from wmframe_dreamerv3.behavior import policy_of
from wmframe_dreamerv3.config import DreamerV3Config, V3ActorConfig, V3CriticConfig

HEADS = {
    "reward": DreamerV3Config().heads["reward"],
    "continue": DreamerV3Config().heads["discount"],
    "value": V3CriticConfig(),
}


@pytest.mark.parametrize("name", HEADS)
def test_golden_head(name):
    case = Case("case05", name)
    x = case["in/feat"].requires_grad_()
    config = attrs.evolve(HEADS[name], units=case.dims["units"])
    head = case.load(make_head(config, x.shape[-1]))
    dist = head(x)
    loss = -dist.log_prob(case["in/target"].double())
    case.compare("out/loss", loss)
    case.compare("out/prob" if name == "continue" else "out/pred", dist.mean())
    case.compare_gradients(head, loss.sum())
    case.compare("grad/feat", torch.autograd.grad(loss.sum(), x)[0])


@pytest.mark.parametrize("name", ["continuous", "discrete"])
def test_golden_policy(name):
    case = Case("case05", f"policy_{name}")
    x, discrete = case["in/feat"].requires_grad_(), name == "discrete"
    count = case.dims["A"]
    spec = ActionSpec(size=count, discrete=discrete, groups=(count,) if discrete else ())
    config = V3ActorConfig(units=case.dims["units"], unimix=0.0)
    actor = case.load(policy_of(config, x.shape[-1], spec))
    dist, action = actor(x), case["in/action"]
    logp = dist.log_prob(one_hot(action.long(), count).double() if discrete else action)
    case.compare("out/logp", logp)
    case.compare("out/entropy", dist.entropy())
    loss = logp.sum() + 0.3 * dist.entropy().sum()
    case.compare_gradients(actor, loss)
    case.compare("grad/feat", torch.autograd.grad(loss, x)[0])
