"""How a check of the conformance kit fails."""

from __future__ import annotations


class ConformanceError(AssertionError):
    """A component breaks its contract; the message says how, and what to change."""


def expect(condition: object, message: str) -> None:
    """Raise unless ``condition`` holds.

    Raises:
        ConformanceError: with ``message``.
    """
    if not condition:
        raise ConformanceError(message)
