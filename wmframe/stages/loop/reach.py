"""Checks whether a budget leaves room to learn, before a run starts and when it is spent."""

from __future__ import annotations

from typing import Protocol

from wmframe.errors import UsageError, WmframeError
from wmframe.stages.config import ReplayConfig
from wmframe.types import Counters

LONGER = "raise env_steps, lower replay.min_length, or end episodes sooner (the suite's time_limit)"


class Learning(Protocol):
    """The settings of an online stage that matter here."""

    @property
    def pretrain(self) -> int:
        """Updates right after the prefill."""

    @property
    def train_ratio(self) -> float:
        """Updates per agent step."""

    @property
    def prefill(self) -> int:
        """Environment steps before learning."""

    @property
    def env_steps(self) -> int:
        """The budget."""

    @property
    def episodes(self) -> str | None:
        """Source of initial episodes."""

    @property
    def simulators(self) -> int:
        """Number of simulators stepped together."""

    @property
    def replay(self) -> ReplayConfig:
        """Settings of the windows."""


def require_room_to_learn(stage: Learning, action_repeat: int) -> None:
    """Check that the first update can happen within the budget, for any lengths of episodes.

    Raises:
        UsageError: it cannot, though the settings ask for updates.
    """
    if not (stage.pretrain or stage.train_ratio):
        return
    window = 0
    if stage.episodes is None:  # each simulator has to fill a window, and they step together
        window = (stage.replay.min_length - 1) * action_repeat * stage.simulators
    if max(stage.prefill, window) < stage.env_steps:
        return
    message = (
        f"no update would be taken: env_steps is {stage.env_steps}, the prefill takes "
        f"{stage.prefill}, and a first window of {stage.replay.min_length} steps takes {window}"
    )
    raise UsageError(message, "raise env_steps, or lower prefill or replay.min_length")


def require_updates(stage: Learning, counters: Counters, learning: bool) -> None:
    """Check that a spent budget led to updates.

    Args:
        stage: its settings.
        counters: where the run ends.
        learning: whether an episode was long enough for a window.

    Raises:
        WmframeError: there was none, though the settings ask for updates.
    """
    if counters.updates or not (stage.pretrain or stage.train_ratio):
        return
    spent = f"the budget of {stage.env_steps} env steps is spent and 0 updates were made"
    if not learning:
        ended = f"{counters.episodes} episodes ended, none"
        why = f"{ended} of {stage.replay.min_length} steps or more" if counters.episodes else ""
        raise WmframeError(f"{spent}: {why or 'no episode has ended'}", LONGER)
    decided = f"train_ratio is {stage.train_ratio}, after {counters.agent_steps} agent steps"
    raise WmframeError(f"{spent}: {decided}", "raise train_ratio, pretrain or env_steps")


def waiting_for_episodes(stage: Learning) -> str:
    """The warning when the prefill is over and there is no window yet."""
    length = stage.replay.min_length
    return (
        f"the prefill is over, but no episode of {length} steps or more has ended: updates wait "
        f"for one. If none ends soon, {LONGER}"
    )
