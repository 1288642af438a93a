"""A one-file plugin for tests: a suite and an agent small enough to train in a second."""

from __future__ import annotations

from types import MappingProxyType

import attrs
import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from wmframe.config import setting
from wmframe.interfaces import Agent, EnvSuite
from wmframe.plugin import Component, impl


@impl
def wmframe_components():
    yield Component("suite", "toy.line", target="toy:LineSuite", config="toy:LineConfig")
    yield Component("agent", "toy.agent", target="toy:ToyAgent", config="toy:ToyAgentConfig")


@attrs.frozen
class LineConfig:
    length: int = setting(12, help="decisions per episode", minimum=2)
    action_repeat: int = setting(2, help="frames per decision", minimum=1)


@attrs.frozen
class ToyAgentConfig:
    width: int = setting(8, help="hidden units", minimum=1)
    lr: float = setting(1e-2, help="learning rate", minimum=0.0)


class LineSuite(EnvSuite):
    scores = MappingProxyType({"success": "max"})

    def __init__(self, length, action_repeat):
        self.length, self.action_repeat = length, action_repeat

    def tasks(self):
        return ("line",)

    def make(self, mode="train"):
        return LineEnv(self.length)


class LineEnv(gymnasium.Env):
    """A point on a line that noise pushes about; the picture is as bright as it is far right."""

    observation_space = spaces.Dict({"image": spaces.Box(0, 255, (8, 8, 3), np.uint8)})
    action_space = spaces.Box(-1, 1, (2,), np.float32)

    def __init__(self, length):
        self.length = length

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.steps = float(self.np_random.uniform(-1, 1)), 0
        return self.observe(), {}

    def step(self, action):
        self.steps += 1
        self.place += 0.2 * float(action[0]) + 0.05 * float(self.np_random.normal())
        reward = 1 - abs(self.place)
        return self.observe(), reward, False, self.steps >= self.length, {"success": reward > 0.5}

    def observe(self):
        level = int(np.clip(127 + 100 * self.place, 0, 255))
        return {"image": np.full((8, 8, 3), level, np.uint8)}


class ToyAgent(Agent):
    """Predicts rewards, acts by a noisy linear policy with a memory; draws random numbers."""

    def __init__(self, width, lr, *, obs, action):
        super().__init__()
        pixels = int(np.prod(obs["image"].shape))
        self.body = nn.Sequential(nn.Linear(pixels, width), nn.ELU(), nn.Linear(width, 1))
        self.policy = nn.Linear(width, action.size)
        self.width = width
        self.optimizer = torch.optim.Adam(self.parameters(), lr)

    def optimizers(self):
        return {"model": self.optimizer}

    def features(self, image):
        return image.flatten(-3).float() / 255 - 0.5

    def update(self, batch):
        guess = self.body(self.features(batch["image"]))[..., 0]
        noise = 0.1 * torch.rand_like(guess)
        loss = (guess + noise - batch["reward"]).square().mean()
        loss = loss + self.policy.weight.square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"model_loss": loss.detach()}

    def predict(self, batch, observed_steps=5):
        truth = batch["image"].float() / 255
        return {"truth": truth, "model": truth * 0.5}

    def initial_state(self, batch):
        return {"memory": torch.zeros(batch, self.width)}

    def act(self, obs, state, mode="train"):
        keep = (1 - obs["is_first"])[:, None]
        memory = state["memory"] * keep + self.body[0](self.features(obs["image"]))
        action = torch.tanh(self.policy(memory))
        if mode == "train":
            action = action + 0.3 * torch.randn_like(action)
        return action.clamp(-1, 1), {"memory": memory}
