"""Start programs as ``torchrun`` does, without its own process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CLI = "from wmframe.cli import main; main()"


def launch(*words, world=2, **environment):
    """Start ``python WORDS`` in so many processes that find each other."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": world, "MASTER_ADDR": "localhost", "MASTER_PORT": port}
    return [
        subprocess.Popen(
            [sys.executable, *map(str, words)],
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment}
            | {name: str(value) for name, value in shared.items()}
            | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(world)
    ]


def finish(processes):
    """Wait for them: each one's status, output and errors."""
    ends = [process.communicate(timeout=300) for process in processes]
    return [(p.returncode, *end) for p, end in zip(processes, ends, strict=True)]


def run(*words, world=2, **environment):
    """Let so many processes run ``python WORDS`` to a good end."""
    for status, _, errors in finish(launch(*words, world=world, **environment)):
        assert status == 0, errors


def torchrun(*words):
    """Let ``torchrun`` start two processes of ``python WORDS``; what became of it."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "--no-python", sys.executable, *map(str, words)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def wmframe(recipe, runs, *overrides, name="x"):
    """The words that run a recipe."""
    sets = [word for one in overrides for word in ("--set", one)]
    return ["-c", CLI, "run", recipe, "--runs", runs, "--name", name, *sets]
