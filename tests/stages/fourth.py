"""A one-file plugin for tests: a method of its own, which learns from videos and then acts."""

from __future__ import annotations

import attrs
import numpy as np
import torch
from torch import nn

from wmframe.config import setting
from wmframe.data.generated import GeneratedDataset
from wmframe.data.shards.config import PackedConfig
from wmframe.interfaces import Agent, Learner, RawVideo
from wmframe.plugin import Component, impl
from wmframe.training.weights import load_weights


@impl
def wmframe_components():
    for kind, name, target, config in (
        ("dataset", "fourth.videos", "Videos", "VideosConfig"),
        ("learner", "fourth.model", "Model", "ModelConfig"),
        ("agent", "fourth.agent", "ModelAgent", "ModelConfig"),
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


@attrs.frozen
class ModelConfig:
    width: int = setting(192, help="latent units", minimum=1)
    lr: float = setting(1e-2, help="learning rate", minimum=0.0)


def flat(image):
    return image.flatten(-3).float() / 255 - 0.5


class Model(Learner):
    """A linear latent state and a linear step of it; draws random numbers."""

    def __init__(self, width, lr, *, obs):
        super().__init__()
        pixels = int(np.prod(obs["image"].shape))
        self.encoder = nn.Linear(pixels, width)
        self.step = nn.Linear(width, width)
        self.decoder = nn.Linear(width, pixels)
        self.optimizer = torch.optim.Adam(self.parameters(), lr)

    def optimizers(self):
        return {"model": self.optimizer}

    def loss(self, image, noise=0.0):
        latent = self.encoder(flat(image))
        latent = latent + noise * torch.rand_like(latent)
        seen = self.decoder(latent) - flat(image)
        foreseen = self.decoder(self.step(latent[:, :-1])) - flat(image)[:, 1:]
        return seen.square().sum(-1).mean() + foreseen.square().sum(-1).mean()

    def update(self, batch):
        loss = self.loss(batch["image"], noise=0.01)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"image_loss": loss.detach()}

    @torch.no_grad()
    def assess(self, batch):
        return {"image_loss": self.loss(batch["image"])}

    def predict(self, batch, observed_steps=5):
        truth = batch["image"].float() / 255
        latent = self.encoder(flat(batch["image"])[:, :observed_steps])
        states = list(latent.unbind(1))
        while len(states) < truth.shape[1]:
            states.append(self.step(states[-1]))
        model = (self.decoder(torch.stack(states, 1)) + 0.5).clamp(0, 1)
        return {"truth": truth, "model": model.view_as(truth)}


class ModelAgent(Agent):
    """Predicts rewards from what the model's encoder sees."""

    def __init__(self, width, lr, *, obs, action):
        super().__init__()
        self.model = Model(width, lr, obs=obs)
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
