"""The Arcade Learning Environment (Bellemare et al. 2013; Machado et al. 2018) as a suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import gymnasium

from wmframe.distributions import version_of
from wmframe.interfaces import EnvSuite
from wmframe_atari.config import AtariConfig
from wmframe_atari.human import RANDOM_AND_HUMAN
from wmframe_atari.tasks import TASKS, task_name


@attrs.frozen
class AtariSuite(AtariConfig, EnvSuite):
    """The Atari games with one chosen; its settings are its fields.

    Attributes:
        scores: the human-normalized score, where the game has one.
        deterministic: an episode that continues a game depends on the episodes before it.
    """

    scores: Mapping[str, str] = attrs.field(init=False)
    deterministic: bool = attrs.field(init=False)

    @scores.default
    def _scores(self) -> Mapping[str, str]:
        return {"human_normalized": "last"} if task_name(self.task) in RANDOM_AND_HUMAN else {}

    @deterministic.default
    def _deterministic(self) -> bool:
        return self.lives != "continue"

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

        return AtariEnv(self, lives=self.lives if mode == "train" else "ignore")

    def facts(self) -> dict[str, str]:
        """The version of the emulator, which comes with the ROMs."""
        return {"ale-py": version_of("ale-py")}
