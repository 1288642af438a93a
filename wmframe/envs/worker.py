"""The process in which a simulator runs. It imports neither torch nor the learner."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from gymnasium import spaces

from wmframe.envs import gl
from wmframe.envs.rows import SharedRows
from wmframe.errors import WmframeError
from wmframe.interfaces.suite import EnvSuite
from wmframe.types import ObsSpec


class PackedSuite(NamedTuple):
    """A suite on its way to a worker, with the module that it needs to be unpickled."""

    module: str
    file: str | None
    content: bytes

    @classmethod
    def pack(cls, suite: EnvSuite) -> PackedSuite:
        """Pickle ``suite`` and note where its class comes from."""
        module = type(suite).__module__
        file = getattr(sys.modules.get(module), "__file__", None)
        return cls(module, file, pickle.dumps(suite))

    def unpack(self) -> EnvSuite:
        """The suite; a module that cannot be imported by name is loaded from its file."""
        try:
            importlib.import_module(self.module)
        except ModuleNotFoundError:
            if self.file is None or not Path(self.file).exists():
                raise
            self._load_file(self.file)
        suite: EnvSuite = pickle.loads(self.content)
        return suite

    def _load_file(self, file: str) -> None:
        spec = importlib.util.spec_from_file_location(self.module, file)
        assert spec is not None and spec.loader is not None  # it is a Python file
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.module] = module
        spec.loader.exec_module(module)


class Hello(NamedTuple):
    """A worker's first answer."""

    obs: ObsSpec
    action_space: spaces.Space[Any]


class Attach(NamedTuple):
    """Where a worker shall write its rows."""

    memory: str
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


def serve(connection: Connection, packed: PackedSuite, mode: str) -> None:
    """Answer the parent's commands until it says None or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    gl.configure()
    try:
        _serve(connection, packed, mode)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the parent is gone
    except Exception as error:
        connection.send(failure(error))


def _serve(connection: Connection, packed: PackedSuite, mode: str) -> None:
    from wmframe.envs.stepper import Stepper

    stepper = Stepper(packed.unpack(), mode)
    connection.send(Hello(stepper.obs, stepper.action_space))
    place = connection.recv()
    if place is None:
        return stepper.close()
    rows = SharedRows(place.specs, place.rows, place.memory)
    try:
        while (command := connection.recv()) is not None:
            connection.send(stepper.play(command, rows.arrays, place.row))
    finally:
        rows.close()
        stepper.close()
    return None
