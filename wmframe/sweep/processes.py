"""Attempts at cells as local processes: their logs, and their outcomes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from wmframe.files import disk_errors

PROGRAM: Final = ("-P", "-m", "wmframe.cli.cell")
"""What Python runs; ``-P`` keeps the working directory's modules from standing in for others."""

TAIL: Final = 1 << 16
"""Bytes at the end of a log in which the message of a failure is looked for."""

POLL: Final = 0.1
"""Seconds between two polls of processes."""

PATIENCE: Final = 30.0
"""Seconds that interrupted cells have to close their simulators and files."""


@attrs.frozen
class Job:
    """An attempt that any machine with the same folders can make.

    Attributes:
        name: the cell's.
        words: the command's words after ``wmframe``.
        folder: the working directory, which relative paths of the recipe start from.
        log: gets what the process prints, appended.
        lock: the file that the process holds a lock on while it lives.
        environment: variables for the process, where they are not set already.
    """

    name: str
    words: tuple[str, ...]
    folder: Path
    log: Path
    lock: Path
    environment: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Outcome:
    """How an attempt ended: the exit code, negative for a signal, and why it failed."""

    code: int
    message: str = ""


class Attempt:
    """A job's process, from its start on.

    Raises:
        WmframeError: the log cannot be written.
    """

    def __init__(self, job: Job) -> None:
        self._log = job.log
        with disk_errors(job.log), job.log.open("ab") as log:
            log.write(f"\n=== {time.strftime('%Y-%m-%d %H:%M:%S')} ===\n".encode())
            log.flush()
            self._begin = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, *PROGRAM, str(job.lock), *job.words],
                cwd=job.folder,
                env={**job.environment, **os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C is the sweep's to pass on
            )

    def poll(self) -> Outcome | None:
        """The outcome if the process has ended, else None."""
        code = self._process.poll()
        return None if code is None else Outcome(code, self._message(code))

    def wait(self) -> Outcome:
        """The outcome, once there is one; when interrupted, the process ends first."""
        try:
            while (outcome := self.poll()) is None:
                time.sleep(POLL)
        except BaseException:
            self.interrupt()
            self.end(PATIENCE)
            raise
        return outcome

    def interrupt(self) -> None:
        """Ask the process to shut down cleanly, as Ctrl-C does."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)

    def end(self, patience: float) -> None:
        """Let an interrupted process end; kill it after ``patience`` seconds."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _message(self, code: int) -> str:
        if code == 0:
            return ""
        if code < 0:
            reason = ", as when memory runs out" if code == -signal.SIGKILL else ""
            return f"ended by {signal.Signals(-code).name}{reason}"
        return last_words(self._log, self._begin) or f"ended with exit code {code}"


class LocalExecutor:
    """Runs a fixed number of cells in parallel; see :class:`wmframe.sweep.loop.Executor`.

    Args:
        slots: how many, at least 1.
    """

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._attempts: dict[str, Attempt] = {}

    def start(self, job: Job) -> None:
        """Begin an attempt."""
        self._attempts[job.name] = Attempt(job)

    def wait(self, timeout: float) -> list[tuple[str, Outcome]]:
        """The attempts that ended."""
        deadline = time.monotonic() + timeout
        while not (ended := self._ended()) and time.monotonic() < deadline:
            time.sleep(POLL)
        return ended

    def stop(self) -> None:
        """Interrupt all at once, then wait for each; a second interrupt kills them."""
        deadline = time.monotonic() + PATIENCE
        try:
            for attempt in self._attempts.values():
                attempt.interrupt()
            for attempt in self._attempts.values():
                attempt.end(max(0.0, deadline - time.monotonic()))
        finally:
            for attempt in self._attempts.values():
                attempt.end(0.0)

    def _ended(self) -> list[tuple[str, Outcome]]:
        polled = [(name, attempt.poll()) for name, attempt in self._attempts.items()]
        ended = [(name, outcome) for name, outcome in polled if outcome is not None]
        for name, _ in ended:
            del self._attempts[name]
        return ended


def last_words(log: Path, begin: int = 0) -> str:
    """The last error of wmframe in a log, from byte ``begin`` on, else its last line."""
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(begin, size - TAIL))
        lines = file.read().decode(errors="replace").splitlines()
    said = [line.strip() for line in lines if line.strip()]
    errors = [line.removeprefix("error: ") for line in said if line.startswith("error: ")]
    return (errors or said or [""])[-1]
