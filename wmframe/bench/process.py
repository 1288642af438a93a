"""A case in a process of its own: its memory is its own, and it can wait while others measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import attrs

from wmframe.data.shards.crew import Worker
from wmframe.errors import WmframeError
from wmframe.parallel.host import configure_host


class Probe(Protocol):
    """Measures one case. Nothing large is made before the first call."""

    def measure(self) -> Sequence[float]:
        """One round: its figures."""

    def facts(self) -> dict[str, Any]:
        """What is to be said of the case, once all rounds are over."""


@attrs.define
class Server:
    """What the process runs: makes the probe when it is first asked, and answers.

    Attributes:
        make: makes the probe.
    """

    make: Callable[[], Probe]
    probe: Probe | None = None

    def __call__(self, question: str) -> Any:
        """The answer of the probe's method of that name, or the error that it raised."""
        configure_host()  # as a run does
        try:
            self.probe = self.probe or self.make()
            return getattr(self.probe, question)()
        except WmframeError as error:
            return error


class ProbeProcess:
    """A probe in another process, with the same methods.

    Args:
        make: picklable.
        name: for messages.
    """

    def __init__(self, make: Callable[[], Probe], name: str) -> None:
        self._worker, self._name = Worker(Server(make)), name

    def measure(self) -> Sequence[float]:
        """See :class:`Probe`."""
        figures: Sequence[float] = self._ask("measure")
        return figures

    def facts(self) -> dict[str, Any]:
        """See :class:`Probe`."""
        facts: dict[str, Any] = self._ask("facts")
        return facts

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    def _ask(self, question: str) -> Any:
        self._worker.send(question)
        try:
            answer = self._worker.receive()
        except EOFError:
            hint = "what it printed is above; if memory ran out, measure fewer cases at once"
            raise WmframeError(f"the process of {self._name} died", hint) from None
        if isinstance(answer, WmframeError):
            raise answer
        return answer
