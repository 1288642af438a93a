"""Join the process group that ``torchrun`` has started, and shut down with it."""

from __future__ import annotations

import atexit
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NoReturn

from wmframe.errors import UsageError
from wmframe.parallel.host import configure_host
from wmframe.parallel.world import World, entered, size, world
from wmframe.signals import Interrupted

if TYPE_CHECKING:
    from torch.distributed.distributed_c10d import Store

RESTARTS: Final = "TORCHELASTIC_RESTART_COUNT"

PATIENCE: Final = timedelta(days=7)
"""Timeout of collectives: the others wait while process 0 evaluates and saves. A process that dies
does not take this long to notice: the launcher ends the others."""

GRACE: Final = 2.0
"""Seconds for which a process that failed later waits, so that the first one reports why."""


@contextmanager
def joined() -> Iterator[None]:
    """Run a block as a member of the launch's process group.

    Does nothing in a single process. When one process fails, all end, and only the first failure
    is reported.
    """
    launched = World.launched()
    if launched.size == 1 or size() > 1:
        yield
        return
    configure_host()
    store = _connect(launched)
    try:
        with entered(launched):
            yield
    except BaseException as error:
        status = getattr(error, "exit_code", 1)
        if isinstance(error, KeyboardInterrupt):
            status = Interrupted.of(error).status
        atexit.register(_end, status, store)
        if _first_to_fail(store):
            raise
        time.sleep(GRACE)
        sys.exit(status)
    _leave()


def own_device(device: str) -> str:
    """The device of this process; ``cuda`` becomes the GPU of its local rank.

    Raises:
        UsageError: one GPU is named for all, or there are fewer GPUs than processes.
    """
    if size() == 1 or not device.startswith("cuda"):
        return device
    import torch

    if device != "cuda":
        message = f"the device is {device}, which {size()} processes cannot share"
        raise UsageError(message, 'set device = "cuda": each process takes a GPU of its own')
    index, found = world().local, torch.cuda.device_count()
    if index >= found:
        message = f"process {index} of this machine has no GPU: there are {found}"
        raise UsageError(message, f'start {found} a machine (--nproc-per-node), or device = "cpu"')
    torch.cuda.set_device(index)
    return f"cuda:{index}"


def _connect(launched: World) -> Store:
    import torch
    import torch.distributed as dist
    from torch.distributed.distributed_c10d import PrefixStore
    from torch.distributed.rendezvous import rendezvous

    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    store: Store
    store, rank, count = next(rendezvous("env://", timeout=timedelta(minutes=5)))
    # The launcher may keep its store across restarts; it would hold addresses of dead processes.
    store = PrefixStore(f"attempt_{os.environ.get(RESTARTS, 0)}", store)
    dist.init_process_group(
        backend,
        store=PrefixStore("group", store),
        rank=rank,
        world_size=count,
        timeout=PATIENCE,
    )
    return store


def end_if_launched() -> None:
    """Exit a process of a launch that has finished; the others continue.

    Remaining threads of the backend may abort interpreter shutdown (seen once in sixty on a busy
    machine), so the process exits before that.
    """
    if World.launched().size > 1:
        _exit(0)


def _exit(status: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _leave() -> None:
    """Barrier before shutdown, so that nobody talks to a process that is gone."""
    import torch.distributed as dist

    dist.barrier()
    dist.destroy_process_group()


def _end(status: int, store: Store) -> None:
    """Exit without closing the process group, which aborts if another process is gone.

    The store may live in this process, so the others get time to ask it who failed first.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    until = time.monotonic() + GRACE
    while time.monotonic() < until and _failures(store, 0) < World.launched().size:
        time.sleep(0.05)
    _exit(status)


def _first_to_fail(store: Store) -> bool:
    return _failures(store, 1) == 1


def _failures(store: Store, more: int) -> int:
    """The number of failed processes after adding ``more``."""
    try:
        return store.add("failed", more)
    except RuntimeError:  # the launcher is gone, and nobody is left to ask
        return 1
