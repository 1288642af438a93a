"""Ordered work in processes that may crash without harm."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD: Final = 4
"""Buffered results per process."""


def map_in_order(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    processes: int,
    lost: Callable[[Item], Result],
) -> Iterator[Result]:
    """Yield the result of every item, in order.

    Args:
        work: picklable, and raises nothing.
        items: picklable.
        processes: how many work; 0 works in this one.
        lost: the result of an item that ended its process, as decoders of damaged files may.
    """
    if not processes:
        yield from map(work, items)
        return
    crew = Crew(work, min(processes, len(items)))
    try:
        yield from crew.run(items, lost)
    finally:
        crew.close()


class Crew(Generic[Item, Result]):
    """Worker processes."""

    def __init__(self, work: Callable[[Item], Result], processes: int) -> None:
        self._work = work
        self._idle = [Worker(work) for _ in range(processes)]
        self._busy: dict[Connection, tuple[Worker, int]] = {}
        self._ahead = AHEAD * processes

    def run(self, items: Sequence[Item], lost: Callable[[Item], Result]) -> Iterator[Result]:
        """See :func:`map_in_order`."""
        done: dict[int, Result] = {}
        given = 0
        for turn in range(len(items)):
            while turn not in done:
                while self._idle and given < min(len(items), turn + self._ahead):
                    self._give(given, items[given])
                    given += 1
                for index, answer in self._answers():
                    done[index] = lost(items[index]) if answer is None else answer[0]
            yield done.pop(turn)

    def _give(self, index: int, item: Item) -> None:
        worker = self._idle.pop()
        worker.send(item)
        self._busy[worker.pipe] = worker, index

    def _answers(self) -> Iterator[tuple[int, tuple[Result] | None]]:
        """Each item that is ready, with its result; None if its process died."""
        for pipe in wait(list(self._busy)):
            assert isinstance(pipe, Connection)
            worker, index = self._busy.pop(pipe)
            try:
                answer = (worker.receive(),)
            except EOFError:
                worker.close()
                self._idle.append(Worker(self._work))
                yield index, None
            else:
                self._idle.append(worker)
                yield index, answer

    def close(self) -> None:
        """End the processes."""
        for worker in [*self._idle, *(worker for worker, _ in self._busy.values())]:
            worker.close()


class Worker:
    """A fresh Python process, which does not run the user's script again.

    It ends when this process ends in any way, because its pipe closes.
    """

    def __init__(self, work: Callable[..., Any]) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        program = (
            f"import sys; sys.path[:] = {sys.path}; "
            "from wmframe.data.shards.crew import serve; serve(int(sys.argv[1]))"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C is the parent's to handle
        )
        theirs.close()
        self.send(work)

    def send(self, message: object) -> None:
        """Send it the work, or an item; a dead process is noticed when its answer is awaited."""
        with suppress(OSError):
            self.pipe.send(message)

    def receive(self) -> Any:
        """Wait for an answer.

        Raises:
            EOFError: the process is gone, perhaps in the middle of its answer.
        """
        try:
            return self.pipe.recv()
        except OSError as error:
            raise EOFError(str(error)) from error

    def close(self) -> None:
        """End the process."""
        self.pipe.close()
        self._process.kill()
        self._process.wait()


def serve(descriptor: int) -> None:
    """Main function of a worker process: apply the first message to each of the others."""
    pipe = Connection(descriptor)
    with suppress(EOFError, OSError):  # the parent is gone
        work = pipe.recv()
        while True:
            pipe.send(work(pipe.recv()))
