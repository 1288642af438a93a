"""A plugin of one file brings its own parts and patches nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from wmframe.recipe.structure import structure_part
from wmframe.registry import current
from wmframe.testing.agents import check_agent
from wmframe.testing.learners import check_learner
from wmframe.testing.samples import CONTINUOUS, IMAGES, batch, clips

pytest.importorskip("wmframe_dreamerv2")
FILE = Path(__file__).parent / "stranger.py"


@pytest.fixture(autouse=True)
def stranger(monkeypatch):
    monkeypatch.setattr(current, "_local", ())
    current.use_local([FILE])


def agent(**settings):
    torch.manual_seed(0)
    heads = {"reward": {"layers": 1, "units": 8, "output": {"use": "stranger.doubled"}}}
    table = {"use": "stranger.agent", "heads": heads, **settings}
    return structure_part("agent", table).build(obs=IMAGES, action=CONTINUOUS)


def test_the_plugin_is_short_and_touches_nothing_private():
    text = FILE.read_text()
    assert len(text.splitlines()) <= 150
    assert re.findall(r"\._[a-z]", text) == []
    assert "isinstance" not in text


def test_the_agent_keeps_every_promise():
    check_agent(agent)


def test_the_video_predictor_keeps_every_promise():
    part = structure_part("learner", {"use": "stranger.videos"})
    check_learner(lambda: part.build(obs=IMAGES), lambda: clips(IMAGES))


def test_a_joined_loss_reaches_the_model_and_its_policy_is_stepped_with_it():
    made, data = agent(loss_scales={"kl": 0.0, "reward": 0.0}), batch(IMAGES, CONTINUOUS)
    before = {name: p.detach().clone() for name, p in made.named_parameters()}
    metrics = made.update(data)
    changed = {n for n, p in made.named_parameters() if not torch.equal(p, before[n])}
    assert "world_model.encoder.linear.weight" in changed
    assert "task.policy.layers.0.norm.gain" in changed
    assert {"policy_loss", "sought", "halved"} <= set(metrics)
    assert int(made.world_model.encoder.calls) == 1


def test_a_target_updated_through_data_is_seen_by_acting():
    made, data = agent(), batch(IMAGES, CONTINUOUS)
    obs = {"image": data["image"][:, 0], "is_first": data["is_first"][:, 0]}
    found = []
    for _ in range(2):
        made.prepare()
        torch.manual_seed(0)
        found.append(made.act(obs, made.initial_state(len(obs["is_first"])), "eval")[0])
        for parameter in made.task.target.parameters():
            parameter.data.add_(0.5)
    assert not torch.allclose(*found)


def test_without_a_decoder_nothing_is_shown():
    assert agent().predict(batch(IMAGES, CONTINUOUS), 3) == {}
