"""Finds the files of the games, which ale-py's wheel holds."""

from __future__ import annotations

from pathlib import Path

from ale_py import roms

from wmframe.errors import MissingError, UsageError
from wmframe.suggest import suggest
from wmframe_atari.tasks import TASKS


def rom_file(game: str) -> Path:
    """The ROM of a game, whose digest is right.

    Raises:
        UsageError: there is no such game.
        MissingError: the file is not there, or is another one.
    """
    if game not in TASKS:
        raise UsageError(f"there is no Atari game {game!r}", suggest(game, TASKS))
    try:
        found = roms.get_rom_path(game)
    except OSError as error:
        raise _missing(game, str(error)) from error
    if found is None:
        raise _missing(game, "ale-py does not know it")
    return found


def _missing(game: str, why: str) -> MissingError:
    hint = "unset ALE_ROMS_DIR to use the ROMs of ale-py's wheel, or reinstall ale-py"
    return MissingError(f"no ROM of {game}: {why}", hint)
