"""Whether a budget leaves room to learn: said before a run starts, or when its budget is spent."""

from __future__ import annotations

from typing import Protocol

from wmframe.errors import UsageError, WmframeError
from wmframe.stages.config import ReplayConfig
from wmframe.types import Counters

LONGER = "raise env_steps, lower replay.min_length, or end episodes sooner (the suite's time_limit)"


class Learning(Protocol):
    """The settings of an online stage that decide it."""

    @property
    def pretrain(self) -> int:
        """Updates right after the prefill."""

    @property
    def train_ratio(self) -> float:
        """Updates per agent step."""

    @property
    def prefill(self) -> int:
        """Environment steps before anything is learnt."""

    @property
    def env_steps(self) -> int:
        """The budget."""

    @property
    def episodes(self) -> str | None:
        """Where episodes are taken from before the first is played."""

    @property
    def simulators(self) -> int:
        """How many step together."""

    @property
    def replay(self) -> ReplayConfig:
        """What windows are drawn from."""


def require_room_to_learn(stage: Learning, action_repeat: int) -> None:
    """See that the first update can come before the budget is spent, however episodes go.

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
    """See that a spent budget led to updates.

    Args:
        stage: its settings.
        counters: where the run ends.
        learning: whether an episode was long enough to learn from.

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
    """What to say when the prefill is over and nothing can be learnt from yet."""
    length = stage.replay.min_length
    return (
        f"the prefill is over, but no episode of {length} steps or more has ended: updates wait "
        f"for one. If none ends soon, {LONGER}"
    )
