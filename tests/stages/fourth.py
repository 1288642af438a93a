"""A one-file plugin for tests: a method of its own, which learns from videos and then acts."""

from __future__ import annotations

import attrs
import numpy as np
import torch
from torch import nn

from wmframe.config import setting
from wmframe.data.generated import GeneratedDataset
from wmframe.data.shards.config import PackedConfig
from wmframe.interfaces import Agent, RawVideo
from wmframe.nn.weights import load_weights
from wmframe.plugin import Component, impl
from wmframe.testing.linear import Linear, LinearConfig, flat  # noqa: F401 (for the registry)


@impl
def wmframe_components():
    for kind, name, target, config in (
        ("dataset", "fourth.videos", "Videos", "VideosConfig"),
        ("learner", "fourth.model", "Linear", "LinearConfig"),
        ("agent", "fourth.agent", "ModelAgent", "LinearConfig"),
    ):
        yield Component(kind, name, target=f"fourth:{target}", config=f"fourth:{config}")


@attrs.frozen
class VideosConfig(PackedConfig):
    count: int = setting(48, help="videos a split", minimum=1)
    frames: int = setting(20, help="frames a video", minimum=1)
    size: int = setting(8, help="side of a frame", minimum=2)
    moving: bool = setting(True, help="whether anything moves")


class Videos(VideosConfig, GeneratedDataset):
    """A random picture that moves to the right, round and round."""

    name = "fourth.videos"
    processes = 0

    def videos(self, root, split):
        return [
            RawVideo(f"{split}-{number:03d}", root / f"{split}-{number:03d}")
            for number in range(self.count)
        ]

    def decode(self, video, size):
        split, _, number = video.key.partition("-")
        rng = np.random.default_rng([split == "val", int(number)])
        picture = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        return np.stack([np.roll(picture, t * self.moving, 1) for t in range(self.frames)])

    def identity(self):
        return {"count": self.count, "frames": self.frames, "moving": self.moving}


class ModelAgent(Agent):
    """Predicts rewards from what the model's encoder sees."""

    def __init__(self, width, lr, *, obs, action):
        super().__init__()
        self.model = Linear(width, lr, obs=obs)
        self.reward = nn.Linear(width, 1)
        self.policy = nn.Linear(width, action.size)
        self.optimizer = torch.optim.Adam([*self.reward.parameters()], lr)

    def initialize(self, weights, strict=True):
        return load_weights(self.model, weights, strict)

    def optimizers(self):
        return {"reward": self.optimizer}

    def update(self, batch):
        guess = self.reward(self.model.encoder(flat(batch["image"])).detach())[..., 0]
        loss = (guess - batch["reward"]).square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"model_loss": loss.detach()}

    def predict(self, batch, observed_steps=5):
        return self.model.predict(batch, observed_steps)

    def initial_state(self, batch):
        return {}

    def act(self, obs, state, mode="train"):
        action = self.policy(self.model.encoder(flat(obs["image"])))
        return torch.tanh(action), state
