"""Prefetches one object in a thread while the simulator is busy."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


class Ahead(Generic[Key, Thing]):
    """Calls ``make`` in a thread for the announced key, and in the caller for any other.

    Args:
        make: from a key to a thing; must not use what the caller uses meanwhile.
    """

    def __init__(self, make: Callable[[Key], Thing]) -> None:
        self._make = make
        self._threads = ThreadPoolExecutor(1)
        self._key: Key | None = None
        self._future: Future[Thing] | None = None

    def announce(self, key: Key) -> None:
        """Start making the object of ``key``; an earlier one that was not taken is dropped."""
        if self._future is not None and self._key == key:
            return
        self._drop()
        self._key, self._future = key, self._threads.submit(self._make, key)

    def take(self, key: Key) -> Thing:
        """The object of ``key``, prefetched or made now. Raises what ``make`` raises."""
        if self._future is None or self._key != key:
            return self._make(key)
        future, self._future = self._future, None
        return future.result()

    def close(self) -> None:
        """Wait for the thread to end."""
        self._drop()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _drop(self) -> None:
        if self._future is not None:
            self._future.cancel()
            self._future = None
