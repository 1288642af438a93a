"""Cells as tasks of a Ray cluster.

Every machine needs the same Python environment, and the sweep's folder, the data and the working
directory under the same paths: what a cell reads and writes are files, Ray carries none of them.
A task starts the wmframe that is installed where it runs.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, Final

from wmframe.errors import MissingError, UsageError, WmframeError
from wmframe.sweep.processes import PATIENCE, Attempt, Job, Outcome

LOCAL: Final = "local"
"""The address for starting Ray on this machine, for this sweep only."""


class RayExecutor:
    """Runs as many cells as the cluster has room for; see :class:`wmframe.sweep.loop.Executor`.

    Args:
        address: ``auto`` for the cluster that this machine is in, ``local``, or ``HOST:PORT``.
        cpus: CPU cores of a cell.
        gpus: GPUs of a cell; a fraction lets cells share one.
        jobs: how many cells to hand to Ray at once; by default what the cluster can hold now. A
            cluster that grows on demand grows only for what it was handed.

    Raises:
        MissingError: Ray is not installed, or there is no such cluster.
        UsageError: no machine of the cluster has room for a cell.
    """

    def __init__(self, address: str, cpus: float, gpus: float, jobs: int | None = None) -> None:
        self._ray = connect(address)
        self._cpus, self._gpus, self._jobs = cpus, gpus, jobs
        self._tasks: dict[Any, str] = {}
        if not jobs and not self._room():
            self._ray.shutdown()
            message = f"no machine of the cluster has {cpus:g} CPUs and {gpus:g} GPUs"
            hint = "ask for less by --cpus and --gpus; if the cluster can grow, say --jobs"
            raise UsageError(message, hint)
        options = {"num_cpus": cpus, "num_gpus": gpus, "max_retries": 0}
        self._task = self._ray.remote(**options)(task)

    @property
    def slots(self) -> int:
        """The capacity of the cluster now, or the requested number."""
        return self._jobs or max(1, self._room())

    def start(self, job: Job) -> None:
        """Submit an attempt to Ray."""
        self._tasks[self._task.remote(job)] = job.name

    def wait(self, timeout: float) -> list[tuple[str, Outcome]]:
        """The attempts that ended."""
        ended, _ = self._ray.wait(list(self._tasks), num_returns=1, timeout=timeout)
        return [(self._tasks.pop(each), self._outcome(each)) for each in ended]

    def stop(self) -> None:
        """Cancel the tasks, which interrupt their processes, and leave the cluster."""
        try:
            tasks = list(self._tasks)
            for each in tasks:
                self._ray.cancel(each, force=False)
            if tasks:
                self._ray.wait(tasks, num_returns=len(tasks), timeout=PATIENCE + 10)
        finally:
            self._ray.shutdown()

    def _room(self) -> int:
        alive = (node["Resources"] for node in self._ray.nodes() if node["Alive"])
        return cells_that_fit(alive, self._cpus, self._gpus)

    def _outcome(self, ended: Any) -> Outcome:
        try:
            outcome: Outcome = self._ray.get(ended)
        except self._ray.exceptions.RayError as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            return Outcome(1, f"Ray: {lines[-1].strip()}")
        return outcome


def task(job: Job) -> Outcome:
    """The task of a Ray worker; cancelling interrupts it, and it interrupts the cell's process."""
    from wmframe.signals import restore_interrupts

    restore_interrupts()
    try:
        return Attempt(job).wait()
    except WmframeError as error:
        return Outcome(error.exit_code, error.message)


def cells_that_fit(nodes: Iterable[Mapping[str, float]], cpus: float, gpus: float) -> int:
    """How many cells fit on the machines with these resources."""
    wanted = {name: amount for name, amount in (("CPU", cpus), ("GPU", gpus)) if amount}
    rooms = (
        min(math.floor(node.get(name, 0.0) / amount + 1e-9) for name, amount in wanted.items())
        for node in nodes
    )
    return sum(rooms) if wanted else 1


def connect(address: str) -> Any:
    """The module of Ray, connected to a cluster.

    Raises:
        MissingError: Ray is not installed, or there is no such cluster.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a sweep tells nobody of itself
    try:
        ray = import_module("ray")
    except ImportError as error:
        raise MissingError("Ray is not installed", "pip install 'wmframe[ray]'") from error
    own = {"include_dashboard": False} if address == LOCAL else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", **own)
    except (ConnectionError, ValueError, RuntimeError) as error:
        message = f"there is no Ray cluster at {address!r}: {str(error).splitlines()[0]}"
        hint = "start one by `ray start --head`, or use --ray local"
        raise MissingError(message, hint) from error
    return ray
