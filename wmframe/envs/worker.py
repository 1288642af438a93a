"""The main function of a simulator process. It imports neither torch nor the learner."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple

from gymnasium import spaces

from wmframe.envs import gl
from wmframe.envs.packing import PackedSuite
from wmframe.envs.rows import SharedRows
from wmframe.errors import WmframeError
from wmframe.types import ObsSpec

LOOK: Final = 1000
"""Milliseconds after which a worker looks whether it still has its parent."""


class Start(NamedTuple):
    """The first message to a worker."""

    suite: PackedSuite
    mode: str


class Hello(NamedTuple):
    """A worker's first response."""

    obs: ObsSpec
    action_space: spaces.Space[Any]


class Attach(NamedTuple):
    """The second message: the layout of the shared memory, and the worker's row."""

    specs: ObsSpec
    rows: int
    row: int


class Failure(NamedTuple):
    """An exception in a simulator: what happened, what to do, and the whole traceback."""

    message: str
    hint: str
    trace: str


def failure(error: BaseException) -> Failure:
    """Put an exception into words that can cross to another process."""
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, WmframeError):
        return Failure(error.message, error.hint, trace)
    line = traceback.format_exception_only(error)[-1].strip()
    return Failure(f"the simulator raised {line}", "", trace)


def main() -> None:
    """Answer the parent's commands until it says None or is gone.

    The command line holds the inherited descriptors of a connection and of the shared memory, and
    the parent's process id.
    """
    descriptor, memory, parent = map(int, sys.argv[1:])
    watched = os.dup(descriptor)  # so that it stays open whatever becomes of the connection
    threading.Thread(target=_end_with, args=(watched, parent), daemon=True).start()
    connection = Connection(descriptor)
    gl.configure()
    try:
        _serve(connection, memory)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the parent is gone
    except Exception as error:
        with contextlib.suppress(OSError):
            connection.send(failure(error))


def _end_with(descriptor: int, parent: int) -> None:
    """End this process, and what it has started, when its parent is gone.

    The main thread may be in the simulator then, which takes long or hangs.
    """
    closed = select.poll()
    closed.register(descriptor, 0)  # hanging up is always told
    while not closed.poll(LOOK) and os.getppid() == parent:
        pass
    os.killpg(0, signal.SIGKILL)  # the parent made a group of this process


def _serve(connection: Connection, memory: int) -> None:
    start: Start = connection.recv()
    from wmframe.envs.stepper import Stepper

    stepper = Stepper(start.suite.unpack(), start.mode)
    connection.send(Hello(stepper.obs, stepper.action_space))
    place: Attach | None = connection.recv()
    if place is None:
        return stepper.close()
    rows = SharedRows(place.specs, place.rows, memory)
    while (command := connection.recv()) is not None:
        connection.send(stepper.play(command, rows.arrays, place.row))
    return stepper.close()
