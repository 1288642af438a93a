"""The loop of a sweep: starts cells while there is room, records their results, retries."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import attrs

from wmframe.locks import hold, holder
from wmframe.signals import interruptible
from wmframe.sweep.plan import SweepPlan
from wmframe.sweep.processes import Job, Outcome
from wmframe.sweep.state import CellState, Status

TICK: Final = 5.0
"""Seconds that the loop waits before it asks again how many cells there is room for."""

HOPELESS: Final = (2, 3)
"""Exit codes of wrong usage and invalid recipes, which a retry would not fix."""

Tell = Callable[[CellState], None]
"""Callback for every change of a cell's state."""


class Executor(Protocol):
    """Makes attempts at cells, several at once."""

    @property
    def slots(self) -> int:
        """The total number of attempts that fit at this moment, including running ones."""
        ...

    def start(self, job: Job) -> None:
        """Start an attempt; returns at once."""
        ...

    def wait(self, timeout: float) -> Sequence[tuple[str, Outcome]]:
        """The attempts that ended, by cell; waits up to ``timeout`` seconds for the first."""
        ...

    def stop(self) -> None:
        """Interrupt running attempts, kill them if they do not end, and free resources."""
        ...


class Sweep:
    """One run of the loop over the cells that are not done.

    Args:
        plan: its folders and recipes are there.
        executor: runs the cells.
        tell: callback for every change.
        retries: how many further attempts a cell gets after its first fails.
        environment: variables for every cell's process, where they are not set already.
    """

    def __init__(
        self,
        plan: SweepPlan,
        executor: Executor,
        tell: Tell,
        retries: int,
        environment: Mapping[str, str],
    ) -> None:
        self._plan, self._executor, self._tell = plan, executor, tell
        self._environment = environment
        self.states = plan.states()
        self._left = dict.fromkeys(self.states, retries)
        self._running: set[str] = set()

    def run(self) -> None:
        """Run until every cell is done or failed; cells that were interrupted come first.

        When the loop itself is interrupted, what runs is interrupted and pending again.
        """
        queue = deque(self._open_cells())
        try:
            while queue or self._running:
                while queue and len(self._running) < self._executor.slots:
                    self._start(queue.popleft())
                for name, outcome in self._executor.wait(TICK):
                    if self._finish(name, outcome) is Status.PENDING:
                        queue.append(name)
        finally:
            self._stop()

    def _open_cells(self) -> list[str]:
        cells = [state for state in self.states.values() if state.status is not Status.DONE]
        cells.sort(key=lambda state: state.status is not Status.RUNNING)
        for state in cells:
            self.states[state.name] = attrs.evolve(state, status=Status.PENDING)
            self.states[state.name].write(self._plan.states_folder)
        return [state.name for state in cells]

    def _start(self, name: str) -> None:
        other = holder(self._plan.lock_file(name))
        waits = f"starts when {other} ends, left by an earlier sweep" if other else ""
        attempts = self.states[name].attempts + 1
        self._running.add(name)
        self._note(name, status=Status.RUNNING, attempts=attempts, message=waits)
        self._executor.start(self._job(name))

    def _job(self, name: str) -> Job:
        plan = self._plan
        words = ("run", str(plan.recipe_file(name)), "--runs", str(plan.run_folder(name).parent))
        return Job(
            name,
            (*words, "--name", name),
            folder=Path.cwd(),
            log=plan.log_file(name),
            lock=plan.lock_file(name),
            environment=self._environment,
        )

    def _finish(self, name: str, outcome: Outcome) -> Status:
        self._running.discard(name)
        status = Status.DONE
        if outcome.code:
            again = self._left[name] > 0 and outcome.code not in HOPELESS
            self._left[name] -= 1
            status = Status.PENDING if again else Status.FAILED
        self._note(name, status=status, message=outcome.message)
        return status

    def _stop(self) -> None:
        try:
            self._executor.stop()
        finally:
            for name in sorted(self._running):
                self._note(name, status=Status.PENDING, message="interrupted")

    def _note(self, name: str, **changes: Any) -> None:
        self.states[name] = attrs.evolve(self.states[name], **changes)
        self.states[name].write(self._plan.states_folder)
        self._tell(self.states[name])


def run_sweep(
    plan: SweepPlan,
    make_executor: Callable[[], Executor],
    tell: Tell,
    *,
    retries: int = 0,
    environment: Mapping[str, str] | None = None,
) -> dict[str, CellState]:
    """Run the remaining cells of a sweep.

    Args:
        plan: from :func:`wmframe.sweep.plan.plan_sweep`.
        make_executor: called once the sweep's folder is locked, if a cell is left to run.
        tell: callback for every change.
        retries: further attempts of a cell.
        environment: variables for the cells' processes, where they are not set already.

    Returns:
        the state of each cell, all done or failed.

    Raises:
        UsageError: another process works on the sweep.
        KeyboardInterrupt: a signal asked to stop; the same call resumes later.
    """
    plan.make_folders()
    with hold(plan.folder / "lock"):
        plan.write_recipes()
        states = plan.states()
        if all(state.status is Status.DONE for state in states.values()):
            return states
        sweep = Sweep(plan, make_executor(), tell, retries, environment or {})
        with interruptible():
            sweep.run()
        return sweep.states
