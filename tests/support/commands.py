"""The command line inside a test's process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pytest


class Outcome(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


def command(capsys: pytest.CaptureFixture[str], *words: object) -> Outcome:
    """Run ``wmframe WORDS``; ``capsys`` is pytest's fixture."""
    from wmframe.cli import main

    code = 0
    try:
        main([str(word) for word in words])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Outcome(code, *capsys.readouterr())
