"""A one-file plugin whose components keep their contracts; tests break them one by one."""

from __future__ import annotations

from types import MappingProxyType

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from wmframe.interfaces import (
    Agent,
    Decoder,
    Dynamics,
    Encoder,
    EnvSuite,
    Learner,
    Stage,
    Tracker,
)
from wmframe.nn.distributions import Mse
from wmframe.plugin import Component, impl
from wmframe.types import Encoded, Observed

WIDTH = 8


@impl
def wmframe_components():
    config = "specimen_config:SuiteConfig"
    yield Component("suite", "specimen", target="specimen:Suite", config=config, summary="a light")
    yield Component("encoder", "specimen.enc", target="specimen:Enc", summary="linear")
    yield Component("decoder", "specimen.dec", target="specimen:Dec", summary="linear")
    yield Component("dynamics", "specimen.dyn", target="specimen:Dyn", summary="GRU")
    yield Component("agent", "specimen.agent", target="specimen:Actor", summary="linear")
    yield Component("learner", "specimen.view", target="specimen:View", summary="linear")
    yield Component("tracker", "specimen.track", target="specimen:Track", summary="forgets")
    yield Component("stage", "specimen.stage", target="specimen:Idle", summary="does nothing")


class Suite(EnvSuite):
    scores = MappingProxyType({"success": "max"})

    def __init__(self, action_repeat=2, time_limit=100):
        self.action_repeat, self.time_limit = action_repeat, time_limit

    def tasks(self):
        return ("light",)

    def make(self, mode="train"):
        return Env(self.action_repeat, self.time_limit)


class Env(gymnasium.Env):
    observation_space = spaces.Dict({"image": spaces.Box(0, 255, (64, 64, 3), np.uint8)})
    action_space = spaces.Box(-1, 1, (2,), np.float32)

    def __init__(self, repeat, limit):
        self.repeat, self.limit = repeat, limit

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.frames = 0
        return self.observe(), {}

    def step(self, action):
        self.frames += self.repeat
        reward = float(action.sum()) + float(self.np_random.normal())
        return self.observe(), reward, False, self.frames >= self.limit, {"success": reward > 1}

    def observe(self):
        level = self.np_random.integers(256)
        return {"image": np.full((64, 64, 3), level, np.uint8)}


class Enc(Encoder):
    embed_dim = WIDTH

    def __init__(self, *, obs):
        super().__init__()
        self.linear = nn.LazyLinear(WIDTH)
        self.linear(torch.zeros(1, int(np.prod(obs["image"].shape))))

    def forward(self, obs):
        return Encoded(self.linear(obs["image"].flatten(2)))


class Dec(Decoder):
    def __init__(self, *, feat_dim, obs):
        super().__init__()
        height, width, channels = obs["image"].shape
        self.shape = channels, height, width
        self.linear = nn.Linear(feat_dim, int(np.prod(self.shape)))

    def forward(self, feat, context=None):
        mean = self.linear(feat).unflatten(-1, self.shape)
        return {"image": Mse(mean, 3)}


class Dyn(Dynamics):
    feat_dim = WIDTH

    def __init__(self, *, embed_dim, action_dim, noise):
        super().__init__()
        self.prior = nn.GRUCell(action_dim, WIDTH)
        self.post = nn.Linear(WIDTH + embed_dim, WIDTH)
        self.noise = noise

    def initial(self, batch):
        return {"deter": torch.zeros(batch, WIDTH)}

    def observe(self, embed, action, is_first, state=None):
        state = state or self.initial(len(embed))
        steps = []
        for t in range(embed.shape[1]):
            inputs = embed[:, t], action[:, t], is_first[:, t]
            state = self.observe_step(state, *inputs)
            steps.append(state["deter"])
        states = {"deter": torch.stack(steps, 1)}
        return Observed(states, states)

    def observe_step(self, state, embed, action, is_first, sample=True):
        keep = (1 - is_first)[:, None]
        prior = self.prior(action * keep, state["deter"] * keep)
        post = self.post(torch.cat([prior, embed], -1))
        return {"deter": post + 0.1 * self.noise.normal(post.shape, post)}

    def imagine_step(self, state, action, sample=True):
        return {"deter": self.prior(action, state["deter"])}

    def features(self, state):
        return state["deter"]

    def losses(self, observed):
        size = observed.posterior["deter"].square().mean()
        return {"kl": size}, {"size": size.detach()}


class View(Learner):
    """The mean brightness of clips, as a model of them."""

    def __init__(self, *, obs):
        super().__init__()
        self.level = nn.Parameter(torch.zeros(()))
        self.optimizer = torch.optim.Adam(self.parameters(), 1e-2)

    def optimizers(self):
        return {"all": self.optimizer}

    def update(self, batch):
        loss = (batch["image"].float() / 255 - self.level).square().mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"model_loss": loss.detach()}

    def predict(self, batch, observed_steps=5):
        truth = batch["image"].float() / 255
        return {"truth": truth, "model": torch.full_like(truth, self.level.item())}


class Actor(Agent):
    """A linear policy with a memory, and a linear model of rewards."""

    def __init__(self, *, obs, action):
        super().__init__()
        pixels = int(np.prod(obs["image"].shape))
        self.reward = nn.Linear(pixels, 1)
        self.policy = nn.Linear(pixels, action.size)
        self.spec = action
        self.register_buffer("updates", torch.zeros(()))
        self.optimizer = torch.optim.Adam(self.parameters(), 1e-3)

    def optimizers(self):
        return {"all": self.optimizer}

    def flat(self, image):
        return image.flatten(-3).float() / 255 - 0.5

    def loss(self, batch):
        guess = self.reward(self.flat(batch["image"]))[..., 0]
        return (guess - batch["reward"] + 0.1 * torch.rand_like(guess)).square().mean()

    def update(self, batch):
        self.updates += 1
        loss = self.loss(batch) * self.updates
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"model_loss": loss.detach()}

    def predict(self, batch, observed_steps=5):
        truth = batch["image"].float() / 255
        return {"truth": truth, "model": 0.5 * truth}

    def initial_state(self, batch):
        return torch.zeros(batch, self.spec.size)

    def act(self, obs, state, mode="train"):
        memory = state * (1 - obs["is_first"])[:, None] + self.policy(self.flat(obs["image"]))
        return self.vector(memory), memory

    def vector(self, memory):
        if not self.spec.discrete:
            return torch.tanh(memory)
        groups = memory.split(self.spec.groups, -1)
        return torch.cat([torch.eye(g.shape[-1])[g.argmax(-1)] for g in groups], -1)


class Track(Tracker):
    def __init__(self, *, folder, stage):
        self.folder = folder

    def scalars(self, counters, values):
        (self.folder / "last").write_text(str(dict(values)))


class Idle(Stage):
    def execute(self, context):
        return {}
