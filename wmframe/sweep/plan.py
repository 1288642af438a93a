"""From a command to a sweep's folder: the cells, validated before any of them starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import attrs

from wmframe.errors import MissingPluginError, RecipeError, UsageError
from wmframe.files import disk_errors, write_atomically
from wmframe.recipe import Recipe, differences, dump_recipe, load_recipe
from wmframe.stages.plan import RESOLVED
from wmframe.sweep.grid import Axis, Cell, expand, parse_seeds, parse_set, repeated
from wmframe.sweep.keys import whole_keys
from wmframe.sweep.state import CellState, Status, read_states

SWEEPS: Final = Path("sweeps")


@attrs.frozen
class SweepPlan:
    """The cells of a sweep and its folder.

    Attributes:
        folder: of the sweep, absolute.
        cells: each with the recipe that it runs.
    """

    folder: Path
    cells: tuple[tuple[Cell, Recipe], ...]

    @property
    def states_folder(self) -> Path:
        """The folder of cell states."""
        return self.folder / "state"

    def run_folder(self, cell: str) -> Path:
        """The folder of a cell's run."""
        return self.folder / "cells" / cell

    def recipe_file(self, cell: str) -> Path:
        """The recipe of a cell, with every setting spelled out, as it was when the sweep began."""
        return self.folder / "recipes" / f"{cell}.toml"

    def log_file(self, cell: str) -> Path:
        """The log of a cell's processes."""
        return self.folder / "logs" / f"{cell}.log"

    def lock_file(self, cell: str) -> Path:
        """The file that a cell's process holds a lock on; see :mod:`wmframe.locks`."""
        return self.folder / "locks" / cell

    def states(self) -> dict[str, CellState]:
        """The state of each cell; one is done only if its run's folder is still there."""
        known = read_states(self.states_folder)
        states = {}
        for cell, _ in self.cells:
            state = known.get(cell.name) or CellState(cell.name, dict(cell.settings))
            if state.status is Status.DONE and not self._resolved(cell.name).exists():
                state = attrs.evolve(state, status=Status.PENDING)
            states[cell.name] = state
        return states

    def check(self) -> None:
        """Compare with the cells that were started before.

        Raises:
            UsageError: one was begun with other settings.
        """
        for cell, recipe in self.cells:
            if not self._resolved(cell.name).exists():
                continue
            if changed := differences(self._resolved(cell.name), recipe):
                message = f"{self.run_folder(cell.name)} was begun with other settings:"
                hint = "choose another --name, or go back to the settings that it was begun with"
                raise UsageError("\n  ".join([message, *changed]), hint)

    def make_folders(self) -> None:
        """Make the sweep's folder and those in it.

        Raises:
            WmframeError: they cannot be made.
        """
        with disk_errors(self.folder):
            for place in ("cells", "recipes", "logs", "locks", "state"):
                (self.folder / place).mkdir(parents=True, exist_ok=True)

    def write_recipes(self) -> None:
        """Write the recipe of each cell.

        Cells run from these files, so that what happens to the recipe while a sweep runs leaves
        its cells alike.
        """
        for cell, recipe in self.cells:
            text = dump_recipe(attrs.evolve(recipe, name=cell.name))
            write_atomically(self.recipe_file(cell.name), text)

    def _resolved(self, cell: str) -> Path:
        return self.run_folder(cell) / RESOLVED


def plan_sweep(
    recipe: Path,
    *,
    seeds: str | None = None,
    settings: Sequence[str] = (),
    profile: str | None = None,
    name: str | None = None,
    sweeps: Path = SWEEPS,
) -> SweepPlan:
    """Expand the grid and check every cell.

    Args:
        recipe: a file, or the name of one that ships with wmframe.
        seeds: ``0..7`` or ``0,3,5``; without it the recipe's seed.
        settings: ``KEY=VALUE`` for all cells, or ``KEY=A,B,C`` each. A key may be shortened to a
            unique end.
        profile: one of the recipe's profiles.
        name: the sweep's folder in ``sweeps``; by default the recipe's name and the profile's.
        sweeps: where sweeps live.

    Raises:
        UsageError: an option is malformed, or is at odds with another or with the folder.
        RecipeError: with every fault of every cell, each once.
        MissingPluginError: if all that is wrong is that plugins are missing.
    """
    typed = [parse_set(text) for text in settings] + ([parse_seeds(seeds)] if seeds else [])
    axes = whole_keys(recipe, profile, typed)
    for key in repeated(axis.key for axis in axes):
        raise UsageError(f"{key} is given twice", "give all its values in one option")
    cells = load_cells(recipe, profile, axes)
    base = name or "-".join(filter(None, (cells[0][1].name, profile)))
    plan = SweepPlan((sweeps / base).absolute(), cells)
    plan.check()
    return plan


def load_cells(
    path: Path, profile: str | None, axes: Sequence[Axis]
) -> tuple[tuple[Cell, Recipe], ...]:
    """Each cell with its recipe; the faults of all are gathered.

    Raises:
        UsageError: the axes make no grid.
        RecipeError: with every fault of every cell, each once, with the option typed for it.
    """
    loaded, errors = [], []
    fixed = [axis.overrides[0] for axis in axes if axis.fixed]
    for cell in expand([axis for axis in axes if not axis.fixed]):
        own = [f"{key}={value}" for key, value in cell.settings]
        try:
            loaded.append((cell, load_recipe(path, profile, [*fixed, *own])))
        except RecipeError as error:
            errors.append(error)
    if errors:
        sources = {f"--set {text}": axis.source for axis in axes for text in axis.overrides}
        problems = [problem for error in errors for problem in error.problems]
        shown = [replace(p, where=sources.get(p.where, p.where)) for p in problems]
        missing = all(isinstance(error, MissingPluginError) for error in errors)
        raise (MissingPluginError if missing else RecipeError)(list(dict.fromkeys(shown)))
    return tuple(loaded)
