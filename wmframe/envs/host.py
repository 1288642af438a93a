"""The parent's side of one simulator: in this process, or in a worker process."""

from __future__ import annotations

import contextlib
import multiprocessing
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol, TypeVar

from wmframe.envs import gl
from wmframe.envs.rows import SharedRows
from wmframe.envs.stepper import Command, Scores, Stepper
from wmframe.envs.worker import Attach, Failure, Hello, Start, failure
from wmframe.errors import SimulatorError
from wmframe.interfaces.suite import EnvSuite

_WORKER: Final = "from wmframe.envs.worker import main; main()"

T = TypeVar("T")


class WorkerDied(Exception):
    """A worker process ended by itself, or was ended because it hung; says which."""


class Host(Protocol):
    """Runs one simulator, which carries out one command at a time."""

    def hello(self) -> Hello:
        """Wait until the simulator is built."""

    def attach(self, rows: SharedRows, index: int) -> None:
        """Say where its rows go."""

    def post(self, command: Command) -> None:
        """Pass on a seed or an action, without waiting."""

    def wait(self) -> Scores:
        """Wait until the command is carried out and the row is written."""

    def restart(self) -> None:
        """Replace a simulator that died; wait() answers for the new one."""

    def close(self) -> None:
        """End the simulator."""


class LocalHost:
    """A simulator in this process; :meth:`wait` does the work."""

    def __init__(self, suite: EnvSuite, mode: str) -> None:
        gl.configure()
        self._stepper = _guard(Stepper, suite, mode)
        self._command: Command = 0

    def hello(self) -> Hello:
        """What the environment observes and how it acts."""
        return Hello(self._stepper.obs, self._stepper.action_space)

    def attach(self, rows: SharedRows, index: int) -> None:
        """Say where its rows go."""
        self._rows, self._index = rows, index

    def post(self, command: Command) -> None:
        """Keep the command for :meth:`wait`."""
        self._command = command

    def wait(self) -> Scores:
        """Carry out the command."""
        return _guard(self._stepper.play, self._command, self._rows.arrays, self._index)

    def restart(self) -> None:
        """Never called: what happens in this process raises instead of dying."""

    def close(self) -> None:
        """Close the environment."""
        self._stepper.close()


class ProcessHost:
    """A simulator in a Python process of its own.

    It is started afresh rather than forked or by multiprocessing, so that it shares no OpenGL or
    torch state and does not run the user's script again.

    Args:
        start: what to tell the worker first.
        memory: the descriptor of the memory for rows.
        timeout: seconds without an answer after which the worker is ended.
    """

    def __init__(self, start: Start, memory: int, timeout: float) -> None:
        self._first, self._memory, self._timeout = start, memory, timeout
        self._place: Attach | None = None
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        descriptors = (theirs.fileno(), self._memory)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, *map(str, descriptors)],
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C is the parent's to handle
        )
        theirs.close()  # so that the worker's end is the only one, and its death shows
        self._send(self._first)
        self._greeted = False

    def hello(self) -> Hello:
        """Wait until the environment is built."""
        self._greeted = True
        hello: Hello = self._answer()
        return hello

    def attach(self, rows: SharedRows, index: int) -> None:
        """Say where its rows go."""
        self._place = Attach(rows.specs, rows.count, index)
        self._send(self._place)

    def post(self, command: Command) -> None:
        """Send the command."""
        self._send(command)

    def wait(self) -> Scores:
        """Wait for the answer; the row is in shared memory then.

        Raises:
            WorkerDied: the process is gone.
            SimulatorError: the simulator raised.
        """
        if not self._greeted:
            self.hello()
        scores: Scores = self._answer()
        return scores

    def restart(self) -> None:
        """Start another process with the same place for its rows."""
        self._end()
        self._start()
        self._send(self._place)

    def close(self) -> None:
        """Let the worker close its environment; end it if that takes long."""
        self._send(None)
        self._end(patience=5.0)

    def _send(self, message: Any) -> None:
        with contextlib.suppress(OSError):  # a worker that is gone shows in _answer
            self._pipe.send(message)

    def _answer(self) -> Any:
        answer = _receive(self._pipe, self._timeout)
        if isinstance(answer, WorkerDied):
            self._end()
            raise WorkerDied(f"{answer} (exit code {self._process.returncode})")
        if isinstance(answer, Failure):
            raise _simulator_error(answer)
        return answer

    def _end(self, patience: float = 0.5) -> None:
        try:
            self._process.wait(patience)  # one that has closed its pipe is about to be gone
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pipe.close()


def _receive(pipe: Connection, timeout: float) -> Any:
    try:
        if not pipe.poll(timeout):
            return WorkerDied(f"did not answer for {timeout:.0f} s")
        return pipe.recv()
    except (EOFError, ConnectionResetError):
        return WorkerDied("died")


def _guard(function: Callable[..., T], *arguments: Any) -> T:
    try:
        return function(*arguments)
    except Exception as error:
        raise _simulator_error(failure(error)) from error


def _simulator_error(what: Failure) -> SimulatorError:
    error = SimulatorError(what.message, what.hint)
    error.add_note(what.trace)
    return error
