"""A simulator in a worker process: start, messages, end."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from typing import Any, Final

from wmframe.envs.host import WorkerDied, simulator_error
from wmframe.envs.rows import SharedRows
from wmframe.envs.stepper import Command, Scores
from wmframe.envs.worker import Attach, Failure, Hello, Start

BUILD_TIMEOUT: Final = 600.0
"""Timeout in seconds for building an environment; some load gigabytes."""


class ProcessHost:
    """A simulator in a Python process of its own.

    It is started afresh rather than forked or by multiprocessing, so that it shares no OpenGL or
    torch state and does not run the user's script again.

    Args:
        start: the first message to the worker.
        memory: the descriptor of the memory for rows.
        timeout: seconds without an answer after which the worker is ended.
    """

    def __init__(self, start: Start, memory: int, timeout: float) -> None:
        self._first, self._memory, self._timeout = start, memory, timeout
        self._place: Attach | None = None
        self._start()

    def _start(self) -> None:
        self._greeted = False
        self._pipe, theirs = multiprocessing.Pipe()
        descriptors = (theirs.fileno(), self._memory)
        program = (
            f"import sys; sys.path[:] = {sys.path}; from wmframe.envs.worker import main; main()"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, (*descriptors, os.getpid()))],
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C is the parent's to handle; what it starts ends with it
        )
        theirs.close()  # so that the worker's end is the only one, and its death shows
        self._send(self._first)

    def hello(self) -> Hello:
        """Wait until the environment is built.

        Raises:
            WorkerDied: the process is gone.
            SimulatorError: the environment cannot be built.
        """
        hello: Hello = self._answer(BUILD_TIMEOUT)
        self._greeted = True
        return hello

    def attach(self, rows: SharedRows, index: int) -> None:
        """Set the memory for its rows."""
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
        scores: Scores = self._answer(self._timeout)
        return scores

    def restart(self) -> None:
        """Start another process with the same place for its rows, if it has one yet."""
        self._end()
        self._start()
        if self._place is not None:
            self._send(self._place)

    def dismiss(self) -> None:
        """Ask the worker to close its environment and end."""
        self._send(None)

    def close(self, patience: float) -> None:
        """Wait for a worker that was dismissed; end it if that takes long."""
        self._end(patience if self._greeted else 0.0)  # one that is being built hears nothing

    def _send(self, message: Any) -> None:
        with contextlib.suppress(OSError):  # a worker that is gone shows in _answer
            self._pipe.send(message)

    def _answer(self, timeout: float) -> Any:
        answer = _receive(self._pipe, timeout)
        if isinstance(answer, WorkerDied):
            self._end()
            raise WorkerDied(f"{answer} (exit code {self._process.returncode})", answer.hung)
        if isinstance(answer, Failure):
            raise simulator_error(answer)
        return answer

    def _end(self, patience: float = 0.5) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)  # one that has closed its pipe is about to be gone
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)  # and what it has started
            self._process.wait()
        self._pipe.close()


def _receive(pipe: Connection, timeout: float) -> Any:
    try:
        if not pipe.poll(timeout):
            return WorkerDied(f"did not answer for {timeout:.0f} s", hung=True)
        return pipe.recv()
    except (EOFError, OSError):  # OSError: in the middle of a message
        return WorkerDied("died")
