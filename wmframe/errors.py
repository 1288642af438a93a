"""The error hierarchy. Each error has a message and a hint what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def printable(text: str) -> str:
    """Text of unknown origin, such as file names, made safe to print on a terminal.

    Control characters but tabs and the end of a line, marks of direction and halves of characters
    become escapes, ESC one with its number.
    """
    shown = (one if one.isprintable() or one in "\t\n" else ascii(one)[1:-1] for one in text)
    return "".join(shown)


def printable_name(name: object) -> str:
    """The name of a file or folder within a message: always on one line."""
    return printable(str(name)).replace("\n", "\\n")


class WmframeError(Exception):
    """Shown by the command line without a traceback; ``exit_code`` is the process's status."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.message}\n  hint: {self.hint}" if self.hint else self.message
        return printable(text)


class UsageError(WmframeError):
    """The command line or a call is wrong."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One error of a recipe: place (``file:line``, ``--set``, ...), key, message, and a hint."""

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
    """A recipe is invalid; ``problems`` has every error found."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class MissingError(WmframeError):
    """A requested plugin, dataset, asset or checkpoint does not exist."""

    exit_code = 4


class MissingPluginError(RecipeError, MissingError):
    """A recipe's only problem is that it names components that are not installed."""

    exit_code = 4


class PluginError(MissingError):
    """A plugin exists but cannot be used."""


class DamagedError(WmframeError):
    """A file of a dataset or of a run cannot be read."""


class CheckpointError(WmframeError):
    """A checkpoint is damaged, or does not fit the recipe."""


class SimulatorError(WmframeError):
    """A simulator could not be built or kept dying."""


class DivergedError(WmframeError):
    """A loss, a weight or an action is not finite. The last checkpoint is older and is kept."""


DIVERGED_HINT = (
    "resume from the last checkpoint with a smaller learning rate (--set and --allow-changes), or "
    "choose another --name and another seed"
)
