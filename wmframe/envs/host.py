"""Hosts of simulators: the interface, and the host that runs in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from wmframe.envs import gl
from wmframe.envs.rows import SharedRows
from wmframe.envs.stepper import Begin, Command, Scores, Stepper
from wmframe.envs.worker import Failure, Hello, failure
from wmframe.errors import SimulatorError
from wmframe.interfaces.suite import EnvSuite

T = TypeVar("T")


class WorkerDied(Exception):
    """A worker process died, or was killed because it hung."""

    def __init__(self, what: str, hung: bool = False) -> None:
        super().__init__(what)
        self.hung = hung


class Host(Protocol):
    """Runs one simulator, which carries out one command at a time."""

    def hello(self) -> Hello:
        """Wait until the simulator is built."""

    def attach(self, rows: SharedRows, index: int) -> None:
        """Set the memory for its rows."""

    def post(self, command: Command) -> None:
        """Send a reset or an action, without waiting."""

    def wait(self) -> Scores:
        """Wait until the command is carried out and the row is written."""

    def restart(self) -> None:
        """Replace a simulator that died; wait() then waits for the new one."""

    def dismiss(self) -> None:
        """Ask the simulator to end, without waiting."""

    def close(self, patience: float) -> None:
        """Make sure that a dismissed simulator ends within a number of seconds."""


class LocalHost:
    """A simulator in this process; :meth:`wait` does the work."""

    def __init__(self, suite: EnvSuite, mode: str) -> None:
        gl.configure()
        self._stepper = _guard(Stepper, suite, mode)
        self._command: Command = Begin(0, 0)

    def hello(self) -> Hello:
        """What the environment observes and how it acts."""
        return Hello(self._stepper.obs, self._stepper.action_space)

    def attach(self, rows: SharedRows, index: int) -> None:
        """Set the memory for its rows."""
        self._rows, self._index = rows, index

    def post(self, command: Command) -> None:
        """Keep the command for :meth:`wait`."""
        self._command = command

    def wait(self) -> Scores:
        """Carry out the command."""
        return _guard(self._stepper.play, self._command, self._rows.arrays, self._index)

    def restart(self) -> None:
        """Never called: errors in this process are raised."""

    def dismiss(self) -> None:
        """Nothing waits: :meth:`close` does the work."""

    def close(self, patience: float) -> None:
        """Close the environment."""
        self._stepper.close()


def _guard(function: Callable[..., T], *arguments: Any) -> T:
    try:
        return function(*arguments)
    except Exception as error:
        raise simulator_error(failure(error)) from error


def simulator_error(what: Failure) -> SimulatorError:
    """The exception that users see; the traceback is among its notes."""
    error = SimulatorError(what.message, what.hint)
    error.add_note(what.trace)
    return error
