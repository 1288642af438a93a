"""One tree of errors. Each says what is wrong and, in ``hint``, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def printable(text: str) -> str:
    """Text that may hold a stranger's words, such as file names, without what moves a terminal.

    Control characters but the end of a line, marks of direction and halves of characters become
    escapes, ESC one with its number.
    """
    shown = (one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)
    return "".join(shown)


def printable_name(name: object) -> str:
    """The name of a file or folder within a message: one line, whatever is in it."""
    return printable(str(name)).replace("\n", "\\n")


class WmframeError(Exception):
    """What the command line shows without a traceback; ``exit_code`` is the process's status."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.message}\n  hint: {self.hint}" if self.hint else self.message
        return printable(text)


class UsageError(WmframeError):
    """The command line or a call is off."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One fault of a recipe: where (``file:line``, ``--set``, ...), which key, what, and a hint."""

    where: str
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = (
            f"{self.where}: {self.key}: {self.message}"
            if self.key
            else f"{self.where}: {self.message}"
        )
        return printable(f"{text}\n  hint: {self.hint}" if self.hint else text)


class RecipeError(WmframeError):
    """A recipe cannot be used; every fault found is in ``problems``."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class MissingError(WmframeError):
    """A plugin, a dataset, an asset or a checkpoint that was asked for is not there."""

    exit_code = 4


class MissingPluginError(RecipeError, MissingError):
    """All that is wrong with a recipe is that what it names is not installed."""

    exit_code = 4


class PluginError(MissingError):
    """A plugin is there but cannot be used."""


class DamagedError(WmframeError):
    """A file of a dataset, or one that a run left, cannot be read."""


class CheckpointError(WmframeError):
    """A checkpoint is damaged, or does not fit the recipe."""


class SimulatorError(WmframeError):
    """A simulator could not be built or kept dying."""


class DivergedError(WmframeError):
    """A loss, a weight or an action is not finite. The last checkpoint is older, and stays."""


DIVERGED_HINT = (
    "go on from the last checkpoint with a smaller learning rate (--set and --allow-changes), or "
    "choose another --name and another seed"
)
