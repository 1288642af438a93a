"""Schedules as functions of the counters alone, so that a resumed run agrees."""

from __future__ import annotations

import attrs


@attrs.define
class Every:
    """Due each time a count passes a multiple of ``period``; never when ``period`` is 0."""

    period: int
    done: int = 0

    @classmethod
    def after(cls, period: int, count: int) -> Every:
        """A schedule that is up to date at ``count``."""
        return cls(period, count // period if period else 0)

    def due(self, count: int) -> bool:
        """Whether a multiple was passed since the last time this was true."""
        if self.period == 0 or count // self.period <= self.done:
            return False
        self.done = count // self.period
        return True


@attrs.frozen
class Pace:
    """The budget of a stage and its periods, all in units of one counter.

    Attributes:
        counter: ``env_steps`` or ``updates``.
        budget: where the stage ends.
        log: between two metric records.
        evaluate: between two evaluations; 0 for one at the end.
        save: between two checkpoints.
    """

    counter: str
    budget: int
    log: int
    evaluate: int
    save: int


@attrs.frozen
class TrainSchedule:
    """The number of updates due at a number of agent steps.

    Attributes:
        ratio: updates per agent step.
        pretrain: updates taken at once when learning begins.
        since: the agent steps at which it began.
    """

    ratio: float
    pretrain: int
    since: int

    def due(self, agent_steps: int, updates: int) -> int:
        """Updates to take now."""
        return self.pretrain + int((agent_steps - self.since) * self.ratio) - updates
