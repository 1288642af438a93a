"""A learner small enough to train in a test, with every kind of state that a checkpoint holds."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.interfaces import Learner


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
