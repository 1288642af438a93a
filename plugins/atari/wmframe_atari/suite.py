"""The Arcade Learning Environment (Bellemare et al. 2013; Machado et al. 2018) as a suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import gymnasium

from wmframe.distributions import version_of
from wmframe.interfaces import EnvSuite
from wmframe_atari.config import AtariConfig
from wmframe_atari.human import RANDOM_AND_HUMAN
from wmframe_atari.tasks import TASKS, task_name


class AtariSuite(EnvSuite):
    """The Atari games with one chosen.

    Attributes:
        scores: the human-normalized score, where the game has one.
        deterministic: an episode that continues a game depends on the episodes before it.
    """

    def __init__(self, config: AtariConfig) -> None:
        self.config = config
        self.action_repeat = config.action_repeat
        self.deterministic = config.lives != "continue"
        measured = task_name(config.task) in RANDOM_AND_HUMAN
        self.scores: Mapping[str, str] = {"human_normalized": "last"} if measured else {}

    def tasks(self) -> Sequence[str]:
        """All 104 games for one player."""
        return TASKS

    def make(self, mode: str = "train") -> gymnasium.Env:
        """One environment; evaluation plays whole games, whatever ``lives`` says.

        Raises:
            UsageError: there is no such game.
            MissingError: its ROM is not where ``ALE_ROMS_DIR`` says.
        """
        from wmframe_atari.env import AtariEnv

        return AtariEnv(self.config, lives=self.config.lives if mode == "train" else "ignore")

    def facts(self) -> dict[str, str]:
        """The version of the emulator, which comes with the ROMs."""
        return {"ale-py": version_of("ale-py")}
