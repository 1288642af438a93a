"""Faults of agents and trackers that their conformance checks name."""

from __future__ import annotations

import pytest
import specimen
import torch

from wmframe.testing import ConformanceError
from wmframe.testing.agents import check_agent
from wmframe.testing.samples import CONTINUOUS, DISCRETE, IMAGES
from wmframe.testing.trackers import check_tracker


@pytest.mark.parametrize("action", [CONTINUOUS, DISCRETE], ids=["continuous", "discrete"])
def test_an_agent_that_keeps_its_contract_passes(action):
    check_agent(lambda: specimen.Actor(obs=IMAGES, action=action), action=action)


class Unbounded(specimen.Actor):
    def vector(self, memory):
        return memory + 2


class Ragged(specimen.Actor):
    def vector(self, memory):
        return super().vector(memory)[..., :-1]


class Remembers(specimen.Actor):
    def act(self, obs, state, mode="train"):
        return super().act({**obs, "is_first": 0 * obs["is_first"]}, state, mode)


class RemembersInEval(Remembers):
    def act(self, obs, state, mode="train"):
        return (Remembers if mode == "eval" else specimen.Actor).act(self, obs, state, mode)


class Counts(specimen.Actor):
    """Keeps its count in an attribute, which no checkpoint has."""

    count = 0

    def loss(self, batch):
        self.count += 1
        return super().loss(batch) / self.count


class Attached(specimen.Actor):
    def update(self, batch):
        return {**super().update(batch), "live": self.loss(batch)}


class Vectors(specimen.Actor):
    def update(self, batch):
        return {**super().update(batch), "rewards": batch["reward"]}


class Lazy(specimen.Actor):
    def update(self, batch):
        return {"model_loss": torch.zeros(())}


class NoOptimizers(specimen.Actor):
    def optimizers(self):
        return {}


class DarkVideo(specimen.Actor):
    def predict(self, batch, observed_steps=5):
        return {name: clip - 0.5 for name, clip in super().predict(batch).items()}


class NoTruth(specimen.Actor):
    def predict(self, batch, observed_steps=5):
        return {"model": super().predict(batch)["model"]}


class ShortVideo(specimen.Actor):
    def predict(self, batch, observed_steps=5):
        return {name: clip[:, observed_steps:] for name, clip in super().predict(batch).items()}


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        (Unbounded, r"leave \[-1, 1\]"),
        (Ragged, r"not \[N, A\]"),
        (Remembers, "in mode train, what came before is_first"),
        (RemembersInEval, "in mode eval, what came before is_first"),
        (Counts, "keep all state in parameters, buffers and optimizers"),
        (Attached, r"\['live'\] hold on to the graph"),
        (Vectors, r"\['rewards'\] have dimensions"),
        (Lazy, "changes no parameter"),
        (NoOptimizers, "optimizers"),
        (DarkVideo, r"leaves \[0, 1\]"),
        (NoTruth, "no truth and model"),
        (ShortVideo, r"\[B, T\] is"),
    ],
)
def test_a_faulty_agent_is_refused(agent, message):
    with pytest.raises(ConformanceError, match=message):
        check_agent(lambda: agent(obs=IMAGES, action=CONTINUOUS))


class SoftChoice(specimen.Actor):
    def vector(self, memory):
        return torch.cat([g.softmax(-1) for g in memory.split(self.spec.groups, -1)], -1)


def test_discrete_actions_have_to_be_one_hot():
    with pytest.raises(ConformanceError, match="not one-hot"):
        check_agent(lambda: SoftChoice(obs=IMAGES, action=DISCRETE), action=DISCRETE)


def test_a_tracker_that_cannot_take_what_is_not_a_number_fails(tmp_path):
    class Strict(specimen.Track):
        def scalars(self, counters, values):
            for value in values.values():
                int(value)

    check_tracker(specimen.Track(folder=tmp_path, stage="s"))
    with pytest.raises(ValueError, match="NaN"):
        check_tracker(Strict(folder=tmp_path, stage="s"))
