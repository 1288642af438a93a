"""Claims a server for a simulator, so that no two on this machine use the same."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from wmframe.errors import SimulatorError
from wmframe_carla.config import ServerConfig


def candidates(config: ServerConfig, evaluation: bool) -> tuple[int, ...]:
    """The ports of training or of evaluation servers."""
    offset = config.eval_offset if evaluation else 0
    return tuple(port + offset for port in config.ports)


class Claim:
    """Takes the first server that no other simulator of this machine has, until it is released.

    A synchronous server obeys every client, so that two would drive each other's time. The lock is
    a file's, which ends with the process.

    Raises:
        SimulatorError: all are taken.
    """

    def __init__(self, host: str, ports: Sequence[int]) -> None:
        for port in ports:
            file = _locked(host, port)
            if file is not None:
                self._file, self.port = file, port
                return
        listed = ", ".join(map(str, ports))
        raise SimulatorError(
            f"another simulator uses the CARLA server at {host}, port {listed}",
            "set simulators = 1, or give suite.server.ports a further server for each simulator",
        )

    def release(self) -> None:
        """Let others take the server."""
        self._file.close()


def _locked(host: str, port: int) -> IO[str] | None:
    name = f"wmframe-carla-{os.getuid()}-{host}-{port}.lock"
    file = (Path(tempfile.gettempdir()) / name.replace("/", "_")).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
