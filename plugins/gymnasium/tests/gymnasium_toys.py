"""Environments that need no package: a dial in Gymnasium's interface, and older ones."""

from __future__ import annotations

from collections import namedtuple

import gymnasium
import numpy as np
from gymnasium import spaces

IMAGE = spaces.Box(0, 255, (48, 96, 3), np.uint8)
CODES = spaces.Box(0, 255, (7, 7, 3), np.uint8)
OBSERVED = {
    "vector": spaces.Box(-np.inf, np.inf, (3,), np.float64),
    "image": IMAGE,
    "grey": spaces.Box(0, 255, (40, 40), np.uint8),
    "codes": spaces.Dict(image=CODES, compass=spaces.Discrete(4), mission=spaces.Text(9)),
    "cameras": spaces.Dict(colour=IMAGE, grey=spaces.Box(0, 255, (40, 40), np.uint8)),
    "text": spaces.Text(9),
}
ACTED = {
    "discrete": spaces.Discrete(3),
    "two": spaces.MultiDiscrete([2, 3]),
    "bits": spaces.MultiBinary(3),
    "box": spaces.Box(np.array([-2.0, 0.0]), np.array([4.0, 1.0]), dtype=np.float64),
    "whole": spaces.Box(-1, 1, (2,), np.int64),
    "mixed": spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(-1, 1, (2,))),
    "open": spaces.Box(np.float32([0, -np.inf]), np.float32([np.inf, np.inf])),
}


class Dial(gymnasium.Env):
    """Counts its steps, pays 1 a step, shows its counter and a colour that the seed draws."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012

    def __init__(
        self, render_mode=None, observed="vector", acted="discrete", length=0, tells="count"
    ):
        self.render_mode = render_mode
        self.observation_space, self.action_space = OBSERVED[observed], ACTED[acted]
        self.length, self.tells = length, tells
        self.actions = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count, self.colour = 0, int(self.np_random.integers(256))
        return self._observe(), {}

    def step(self, action):
        assert self.action_space.contains(action), action
        self.actions.append(action)
        self.count += 1
        self.colour = int(self.np_random.integers(256))
        return self._observe(), 1, np.bool_(self.count == self.length), False, self._info()

    def _info(self):
        counts = {"count": self.count, "done": {"odd": self.count % 2}, "name": "dial"}
        return {**counts, self.tells: self.count > 1} if self.count != 1 else counts

    def _observe(self):
        space = self.observation_space
        if self.observation_space is OBSERVED["cameras"]:
            return {key: np.full(s.shape, self.colour, np.uint8) for key, s in space.items()}
        if isinstance(space, spaces.Dict):
            codes = np.full(CODES.shape, self.count, np.uint8)
            return {"image": codes, "compass": self.count % 4, "mission": "go"}
        if isinstance(space, spaces.Text):
            return "go"
        return np.full(space.shape, self.colour, space.dtype)

    def render(self):
        return np.full((400, 600, 3), self.colour, np.uint8)


class Told(gymnasium.Env):
    """Gives, draws and acts in what it is told."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012

    def __init__(
        self, render_mode=None, space=IMAGE, gives=None, draws=None, acts=ACTED["two"], reward=1.0
    ):
        self.render_mode = render_mode
        self.observation_space, self.action_space = space, acts
        self.gives, self.draws, self.reward = gives, draws, reward
        self.actions = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.gives, {}

    def step(self, action):
        assert self.action_space.contains(action), action
        self.actions.append(action)
        return self.gives, self.reward, False, False, {}

    def render(self):
        return self.draws


class Mute(Dial):
    """Draws nothing."""

    metadata = {"render_modes": ["human"]}  # noqa: RUF012

    def __init__(self, **kwargs):
        super().__init__(**kwargs)


class Invert(gymnasium.ObservationWrapper):
    """A wrapper without arguments."""

    def observation(self, observation):
        return -observation


Box = namedtuple("Box", "low high shape dtype")
Discrete = namedtuple("Discrete", "n")


class Old:
    """The older interface with bare tuples as spaces, as Crafter has it; seeded when made."""

    observation_space = Box(0, 255, (64, 64, 3), np.uint8)
    action_space = Discrete(2)

    def __init__(self, seed=None, length=3, ending=None):
        self.random, self.length, self.ending = np.random.RandomState(seed), length, ending or {}

    def reset(self):
        self.count = 0
        return self.render()

    def step(self, action):
        self.count += 1
        return self.render(), 0.5, self.count == self.length, dict(self.ending)

    def render(self):
        return self.random.randint(0, 256, (64, 64, 3)).astype(np.uint8)


class OldWithSeed(Old):
    """Seeded by a method."""

    def __init__(self):
        super().__init__()

    def seed(self, seed):
        self.random.seed(seed)


class OldResetWithSeed(Old):
    """Seeded by reset."""

    def __init__(self):
        super().__init__()

    def reset(self, seed=None):
        self.random.seed(seed)
        return super().reset(), {}


class OldUnseeded(Old):
    """Cannot be seeded."""

    def __init__(self):
        super().__init__()


def make_dial(render_mode=None, length=0):
    """A function that makes an environment."""
    return Dial(render_mode=render_mode, length=length)


gymnasium.register("Dial-v0", entry_point="gymnasium_toys:Dial", max_episode_steps=10)
gymnasium.register("Mute-v0", entry_point="gymnasium_toys:Mute")
