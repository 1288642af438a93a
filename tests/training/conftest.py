"""A learner small enough to train in a test, with every kind of state that a checkpoint holds."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.interfaces import Learner
from wmframe.recipe.structure import structure_part
from wmframe.testing.samples import CONTINUOUS, DISCRETE, IMAGES, batch, clips

HEAD = {"layers": 1, "units": 8}
HELD = {"hold": 2}
CNN = {"depth": 2}
RESNET = {"depth": 4, "res_layers": 1}
RSSM = {"hidden": 12, "deter": 12, "stoch": 3, "discrete": 4}
STACK = {"action_free": RSSM, "conditional": RSSM}
BONUS = {"scale": 1.0, "neighbors": 3, "window": 2, "queue_size": 16, "queue_dim": 4}
BEHAVIOR = {"horizon": 3, "actor": HEAD, "critic": HEAD, "target": {"every": 2}, "starts": 5}
MASKED = {**RESNET, "mask_warmup": 2}
PLAIN = {
    "use": "dreamerv2.agent",
    "encoder": CNN,
    "decoder": CNN,
    "dynamics": RSSM,
    "heads": {"reward": HEAD, "discount": {**HEAD, "output": {"use": "binary"}}},
    "behavior": BEHAVIOR,
    "acting": {"explore_until": 3},
}
METHODS = {
    "dreamerv2": PLAIN,
    "dreamerv2-discrete": {**PLAIN, "bonus": {"use": "apv.bonus", **BONUS}},
    "dreamerv2-plan2explore": {
        **PLAIN,
        "explorer": {"use": "dreamerv2.plan2explore", "models": 2, "head": HEAD},
    },
    "apv": {
        "use": "apv.agent",
        "encoder": {**CNN, "res_layers": 1},
        "decoder": {**CNN, "res_layers": 1},
        "dynamics": STACK,
        "heads": {"reward": HEAD},
        "optimizers": {"encoder": HELD},
        "bonus": BONUS,
        "behavior": BEHAVIOR,
    },
    "apv-videos": {
        "use": "apv.video_predictor",
        "encoder": {**CNN, "res_layers": 1},
        "decoder": {**CNN, "res_layers": 1},
        "dynamics": RSSM,
        "optimizers": {"model": HELD},
    },
    "contextwm": {
        "use": "contextwm.agent",
        "encoder": {**RESNET, "augmentation": "shift"},
        "decoder": MASKED,
        "dynamics": STACK,
        "heads": {"reward": HEAD, "aux_reward": HEAD},
        "optimizers": {"encoder": HELD},
        "bonus": BONUS,
        "behavior": BEHAVIOR,
    },
    "contextwm-videos": {
        "use": "contextwm.video_predictor",
        "encoder": {**RESNET, "augmentation": "scale"},
        "decoder": RESNET,
        "dynamics": RSSM,
        "optimizers": {"model": HELD},
    },
}
"""Tiny learners of every method, with whatever changes in the course of updates."""


class TinyLearner(Learner):
    """A network with dropout, an odd set of buffers, tied weights and two optimizers."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width), nn.Dropout(0.5))
        self.head = nn.Linear(width, 1)
        self.twin = self.head  # one module under two names
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("mag", torch.ones(1, dtype=torch.float64))
        self.register_buffer("narrow", torch.ones(3, dtype=torch.bfloat16))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))
        self.model_opt = torch.optim.Adam(
            [*self.body.parameters(), *self.head.parameters()], lr=1e-2, fused=True
        )
        self.scale_opt = torch.optim.SGD([self.scale], lr=1e-2, momentum=0.9)

    def update(self, batch):
        x = batch["x"]
        loss = (self.head(self.body(x)) * self.scale - x.sum(-1, keepdim=True)).square().mean()
        for optimizer in self.optimizers().values():
            optimizer.zero_grad()
        loss.backward()
        for optimizer in self.optimizers().values():
            optimizer.step()
        self.mag += loss.detach().double() / 3
        self.narrow += self.mag.bfloat16()
        self.seen += 1
        return {"loss": loss.detach()}

    def optimizers(self):
        return {"model": self.model_opt, "scale": self.scale_opt}

    def predict(self, batch, observed_steps=5):
        return {}


@pytest.fixture
def make_learner():
    """Make a learner; its class takes the width of its hidden layer."""
    return TinyLearner


@pytest.fixture(params=METHODS)
def method(request):
    """Makes a tiny learner of a method, and batches for it."""
    return Method(request.param)


@pytest.fixture
def make_method():
    """Makes a method's tiny learner and batches, by the method's name."""
    return Method


class Method:
    """A method's tiny learner and what it learns from."""

    def __init__(self, name: str) -> None:
        self.videos = name.endswith("-videos")
        self.action = DISCRETE if name.endswith("-discrete") else CONTINUOUS
        self._settings = METHODS[name]

    def build(self):
        torch.manual_seed(0)
        if self.videos:
            return structure_part("learner", self._settings).build(obs=IMAGES)
        return structure_part("agent", self._settings).build(obs=IMAGES, action=self.action)

    def batch(self, seed=0):
        torch.manual_seed(seed)
        return clips(IMAGES) if self.videos else batch(IMAGES, self.action)
