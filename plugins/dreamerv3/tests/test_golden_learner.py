"""The whole loss and acting against numbers recorded from the authors' code."""

from __future__ import annotations

import pytest
import torch
from recorded_v3 import Case, Modes, agent_name
from torch.nn.functional import one_hot

from wmframe.nn.one_hot import one_hot_argmax
from wmframe.recipe.structure import structure_part
from wmframe.types import ActionSpec, TensorSpec

VARIANTS = ["image_continuous", "vector_discrete"]

NAMES = {
    "dyn": "dyn",
    "rep": "rep",
    "rew": "reward",
    "con": "discount",
    "vec": "vec",
    "image": "image",
    "policy": "policy",
    "value": "value",
    "repval": "replay_value",
}
"""Our losses by the reference's."""


class Draws(Modes):
    """Latents are modes; the policy takes its draws one after another."""

    def __init__(self, draws, actions):
        self.draws, self.actions = iter(draws), actions

    def normal(self, shape, like):
        return next(self.draws)

    def one_hot(self, probs):
        if probs.shape[-1] == self.actions and probs.dim() == 2:
            return one_hot_argmax(probs.log() + next(self.draws))
        return super().one_hot(probs)


def make_agent(case, discrete, **settings):
    """A float64 agent with the recorded parameters."""
    dims = case.dims
    net = {"units": dims["units"]}
    widths = {name: dims[name] for name in ("deter", "hidden", "stoch", "classes")}
    table = {
        "use": "dreamerv3.agent",
        "encoder": {**net, "depth": dims["depth"]},
        "decoder": {**net, "depth": dims["depth"]},
        "dynamics": widths,
        "heads": {"reward": net, "discount": net},
        "behavior": {"horizon": dims["H"], "actor": {**net, "unimix": 0.0}, "critic": net},
        **settings,
    }
    obs = {"vec": TensorSpec((dims["V"],), "float32")}
    if f"{case.at}in/image" in case.all:
        obs["image"] = TensorSpec((64, 64, 3), "uint8")
    groups = (dims["A"],) if discrete else ()
    action = ActionSpec(size=dims["A"], discrete=discrete, groups=groups)
    noise = Draws(case["in/policy_draws"], dims["A"])
    agent = structure_part("agent", table).build(obs=obs, action=action, noise=noise)
    return case.load_agent(agent)


def batch_of(case):
    data = {name: x if x.dim() > 3 else x.double() for name, x in case.under("in").items()}
    if data["action"].dim() == 2:
        data["action"] = one_hot(data["action"].long(), case.dims["A"]).double()
    return {name: data[name] for name in data if name != "policy_draws"}


def terms_of(agent, batch):
    replayed, _ = agent.world_model.observe(batch)
    return replayed, agent._joined(replayed).terms


@pytest.mark.parametrize("variant", VARIANTS)
def test_golden_learner(variant):
    case = Case(f"case08_learner_{variant}")
    agent, left = make_agent(case, variant.endswith("discrete"))
    assert left == set()
    agent.task.scale.rate = 0.0  # recorded outside training, where percentiles stay as they are
    replayed, terms = terms_of(agent, batch_of(case))
    case.compare("out/tokens", replayed.embed)
    case.compare("out/deter", replayed.state.deter)
    theirs = {name: case[f"out/loss_{name}"] for name in case.meta["config"]["scales"]}
    assert {NAMES[name] for name in theirs} == set(terms)
    for name, rows in theirs.items():
        near = pytest.approx(rows.mean().item(), abs=2e-5 * rows.abs().max().item())
        assert terms[NAMES[name]].item() == near, name
    total = agent.world_model.weigh(terms)
    case.compare("out/loss", total[None])
    named = {name: agent_name(name) for name in case.under("grad") if "/" in name}
    trained = {n for n, p in agent.named_parameters() if p.requires_grad}
    assert set(named.values()) == trained
    case.compare_named(agent, total, named, 2e-4)


@pytest.mark.parametrize("variant", ["continuous", "discrete"])
def test_golden_acting(variant):
    case = Case("case09", variant)
    agent, _ = make_agent(case, variant == "discrete")
    state = agent.initial_state(case.dims["B"])
    if variant == "discrete":  # where no episode begins there, the reference begins with class 0
        state.action[:, 0] = 1
    for step in range(3):
        seen = {"vec": case["in/vec"][:, step], "is_first": case["in/is_first"][:, step].double()}
        action, state = agent.act(seen, state, "eval")
        assert torch.allclose(state.latent.deter, case["out/deter"][:, step], atol=1e-5)
        wanted = case["out/action"][:, step]
        if variant == "discrete":
            wanted = one_hot(wanted.long(), case.dims["A"])
        assert torch.allclose(action, wanted.double().clamp(-1, 1), atol=1e-5)
