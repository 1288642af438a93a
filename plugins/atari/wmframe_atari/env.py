"""One Atari game: seeding, lives, and the picture of a decision's last two frames."""

from __future__ import annotations

from typing import Any

import ale_py
import numpy as np
from gymnasium import spaces

from wmframe.envs.simulator import Frame, Observation, SimulatorEnv
from wmframe_atari.config import AtariConfig, Lives
from wmframe_atari.human import RANDOM_AND_HUMAN, human_normalized
from wmframe_atari.rom import rom_file
from wmframe_atari.shrink import AreaShrink
from wmframe_atari.tasks import task_name


class AtariEnv(SimulatorEnv):
    """Steps the emulator itself; Gymnasium's wrappers would make a picture of every frame.

    A picture is the maximum of the last two frames, because many games draw an object in every
    other frame only.

    Args:
        settings: the game and how it is played.
        lives: what a lost life means; see :class:`~wmframe_atari.config.AtariConfig`.
    """

    def __init__(self, settings: AtariConfig, lives: Lives) -> None:
        self._settings = settings
        self._game = task_name(settings.task)
        self._rom = rom_file(self._game)
        self._on_life_loss = lives
        self._continues = False
        self._emulator = start_emulator(settings.sticky_actions)
        self._load(seed=0)  # to know screen and actions
        height, width = self._emulator.getScreenDims()
        channels = 1 if settings.grayscale else 3
        self._screens = np.zeros((2, height, width, channels), np.uint8)  # the last and one before
        self._shrink = AreaShrink(height, width, settings.size)
        self._actions = self._emulator.getLegalActionSet()
        if settings.actions == "minimal":
            self._actions = self._emulator.getMinimalActionSet()
        shape = (settings.size, settings.size, channels)
        super().__init__(
            spaces.Dict({"image": spaces.Box(0, 255, shape, np.uint8)}),
            spaces.Discrete(len(self._actions)),
            action_repeat=settings.action_repeat,
            time_limit=settings.time_limit,
            scores={},
        )

    def begin(self, seed: int) -> None:
        """Start a game, or continue the one in which a life was just lost."""
        if not self._continues:
            self._start_game(seed)
        self._continues = False
        self._lives = self._emulator.lives()
        self._score = 0.0
        self._screens[:] = 0
        self._look()

    def advance(self, action: Any) -> Frame:
        """Simulate one frame, a 60th of a second."""
        reward = float(self._emulator.act(self._actions[int(action)]))
        self._score += reward
        self._look()
        over = self._emulator.game_over(with_truncation=False)
        life_lost = self._lost_life() and self._on_life_loss != "ignore"
        self._continues = life_lost and not over and self._on_life_loss == "continue"
        return Frame(reward, over or life_lost, info=self._scores())

    def observe(self) -> Observation:
        """The maximum of the last two frames, or the last one where every frame is a decision."""
        pooled = self._settings.action_repeat > 1
        screen_HWC = np.maximum(*self._screens) if pooled else self._screens[0]
        return {"image": self._shrink(screen_HWC)}

    def _start_game(self, seed: int) -> None:
        """The seed fixes the number of no-ops and which actions stick."""
        self._load(seed)
        most = self._settings.noops
        for _ in range(np.random.default_rng(seed).integers(1, most + 1) if most else 0):
            self._emulator.act(ale_py.Action.NOOP)
            if self._emulator.game_over(with_truncation=False):
                self._emulator.reset_game()

    def _load(self, seed: int) -> None:
        self._emulator.setInt("random_seed", seed)  # loading a ROM is what makes it count
        self._emulator.loadROM(self._rom)
        self._emulator.reset_game()

    def _look(self) -> None:
        self._screens = self._screens[::-1]
        if self._settings.grayscale:
            self._emulator.getScreenGrayscale(self._screens[0, ..., 0])
        else:
            self._emulator.getScreenRGB(self._screens[0])

    def _lost_life(self) -> bool:
        """Whether the counter fell; at zero the game itself says when it is over."""
        before, self._lives = self._lives, self._emulator.lives()
        return 0 < self._lives < before

    def _scores(self) -> dict[str, float]:
        if self._game not in RANDOM_AND_HUMAN:
            return {}
        return {"human_normalized": human_normalized(self._game, self._score)}


def start_emulator(sticky_actions: float) -> ale_py.ALEInterface:
    """An emulator without a game; it prints errors only."""
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    emulator = ale_py.ALEInterface()
    emulator.setFloat("repeat_action_probability", sticky_actions)
    return emulator
