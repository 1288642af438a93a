"""N simulators in parallel, in worker processes or in this one, that step while others compute.

The order of rows is fixed and every episode has its own seed, so results depend neither on the
number of processes nor on their speed.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from time import monotonic
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from wmframe.envs.actions import ActionCodec
from wmframe.envs.host import Host, LocalHost
from wmframe.envs.packing import PackedSuite
from wmframe.envs.process import ProcessHost
from wmframe.envs.rows import Rows, SharedRows, row_specs, shared_memory
from wmframe.envs.slot import Slot, Vector
from wmframe.envs.stepper import Scores
from wmframe.envs.worker import Start
from wmframe.errors import UsageError
from wmframe.interfaces.suite import EnvSuite
from wmframe.types import ObsSpec

__all__ = ["Row", "Rows", "Simulators"]

Row = dict[str, NDArray[Any]]

CLOSING: Final = 5.0
"""Seconds that all simulators together have to close their environments."""


class Simulators:
    """Steps N environments of a suite.

    Each turn is a :meth:`send` and a :meth:`receive`; between the two the simulators work. The
    turn after a row with ``is_last`` resets that simulator, whatever action it is given. A worker
    that dies is replaced and starts its next episode: an ``is_first`` row comes unexpectedly.

    Args:
        suite: the benchmark.
        count: N.
        seed: fixes every episode; see :func:`wmframe.envs.seeding.episode_seed`.
        mode: ``train`` or ``eval``, for suites that differ.
        processes: a worker process each; else all in this process, one after the other.
        timeout: seconds without an answer after which a worker counts as dead.
        first: number of the first of them, where other processes have more.

    Attributes:
        obs: what a simulator observes.
        codec: how it acts.

    Raises:
        SimulatorError: the environment cannot be built.
    """

    def __init__(
        self,
        suite: EnvSuite,
        count: int,
        seed: int,
        mode: str = "train",
        processes: bool = True,
        timeout: float = 300.0,
        first: int = 0,
    ) -> None:
        self.count, self.first = count, first
        self._replays = suite.deterministic
        self._restarts_before = 0
        self._pending = False
        self._memory = shared_memory()
        hosts = _start(suite, count, mode, self._memory if processes else None, timeout)
        self._slots = [Slot(host, i, seed, first + i) for i, host in enumerate(hosts)]
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        hello, *_ = [slot.hello() for slot in self._slots]
        self.obs: ObsSpec = hello.obs
        self.codec = ActionCodec(hello.action_space)
        if self.codec.open:
            warnings.warn(
                f"actions in {hello.action_space} lack a bound; agents give such entries values "
                "of [-1, 1], moved inside the bound that there is. For other values declare bounds",
                stacklevel=3,
            )
        specs = row_specs(self.obs, self.codec.spec.size)
        self._rows = SharedRows(specs, self.count, self._memory)
        for slot in self._slots:
            slot.attach(self._rows)

    @property
    def restarts(self) -> int:
        """How many workers were replaced, counting those before :meth:`restore`."""
        return self._restarts_before + sum(slot.restarts for slot in self._slots)

    def send(self, actions_NA: NDArray[np.float32] | None) -> None:
        """Let every simulator step; None begins the next episode of each.

        Raises:
            UsageError: the rows of the turn before were not received.
        """
        self._expect_idle()
        for index, slot in enumerate(self._slots):
            slot.post(None if actions_NA is None or slot.over else actions_NA[index])
        self._pending = True

    def receive(self) -> Rows:
        """Wait for a row from every simulator; the arrays are the caller's to keep.

        Raises:
            SimulatorError: a simulator raised, or died five times without finishing an episode.
        """
        if not self._pending:
            raise UsageError("no rows are under way", "call send() before receive()")
        self._pending = False
        return self._snapshot([slot.collect() for slot in self._slots])

    def abandon(self, index: int) -> None:
        """Give up the episode that a simulator is in: its next turn begins another.

        Raises:
            UsageError: rows are under way.
        """
        self._expect_idle()
        self._slots[index].over = True

    def state(self) -> dict[str, Any]:
        """The episode each simulator is in and the actions [T, A] that led to its row.

        Raises:
            UsageError: rows are under way.
        """
        self._expect_idle()
        return {"restarts": self.restarts, "simulators": [slot.state() for slot in self._slots]}

    def restore(self, state: dict[str, Any]) -> tuple[list[list[Row]], Rows]:
        """Resume from :meth:`state`, in another process too.

        Unfinished episodes are reset to their seed and replayed; where the suite is not
        deterministic the next episode begins instead. A simulator whose episode was over begins
        another at the next turn, as it would have.

        Returns:
            the rows of each unfinished episode so far, and the rows as they are now (zeros with
            ``is_last`` where an episode was over).

        Raises:
            UsageError: the state is of another number of simulators, or rows are under way.
        """
        self._expect_idle()
        saved = state["simulators"]
        if len(saved) != self.count:
            hint = f"set simulators = {len(saved)}, as it was when the checkpoint was saved"
            raise UsageError(f"{self.count} simulators cannot resume from {len(saved)}", hint)
        self._restarts_before = state["restarts"] - sum(slot.restarts for slot in self._slots)
        plans = [
            slot.plan(entry, self._replays) for slot, entry in zip(self._slots, saved, strict=True)
        ]
        return self._replay(plans), self._snapshot([None] * self.count)

    def _replay(self, plans: list[list[Vector | None]]) -> list[list[Row]]:
        histories: list[list[Row]] = [[] for _ in plans]
        for turn in range(max(map(len, plans))):
            active = [slot for slot in self._slots if turn < len(plans[slot.index])]
            for slot in active:
                slot.post(plans[slot.index][turn])
            for slot in active:
                slot.collect()
                row = slot.row()
                if row["is_first"] and turn:  # it died on the way and began the next episode
                    histories[slot.index], plans[slot.index] = [], []
                histories[slot.index].append(row)
        return histories

    def close(self) -> None:
        """End every simulator; further calls do nothing."""
        if not self._slots:
            return
        for slot in self._slots:
            slot.dismiss()
        end = monotonic() + CLOSING
        while self._slots:
            self._slots.pop().close(max(0.5, end - monotonic()))
        os.close(self._memory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _snapshot(self, scores: Sequence[Scores]) -> Rows:
        data = {key: array.copy() for key, array in self._rows.arrays.items()}
        return Rows(data, scores, np.array([slot.episode for slot in self._slots]))

    def _expect_idle(self) -> None:
        if self._pending:
            raise UsageError("rows are still under way", "call receive() first")


def _start(
    suite: EnvSuite, count: int, mode: str, memory: int | None, timeout: float
) -> Sequence[Host]:
    if memory is None:
        return [LocalHost(suite, mode) for _ in range(count)]
    start = Start(PackedSuite.pack(suite), mode)
    return [ProcessHost(start, memory, timeout) for _ in range(count)]
