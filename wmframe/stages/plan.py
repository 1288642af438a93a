"""From a recipe to a run folder: stages, paths, and the record of versions and hardware."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from wmframe.distributions import UNKNOWN, survey
from wmframe.errors import UsageError
from wmframe.files import disk_errors, write_atomically
from wmframe.json_files import read_json
from wmframe.locks import Held, hold
from wmframe.recipe import Recipe, differences, dump_recipe

RESOLVED = "resolved.toml"
LOCK = "lock.json"
LOCK_HINT = "delete it: a run writes it again, and it is informational"
OWNER = "run.lock"
LOCKED_PACKAGES = ("torch", "numpy", "gymnasium", "mujoco", "safetensors", "av")


@attrs.frozen
class Plan:
    """A recipe and its run's folder."""

    recipe: Recipe
    folder: Path

    @property
    def exists(self) -> bool:
        """Whether the run was begun before."""
        return (self.folder / RESOLVED).exists()

    @property
    def begun(self) -> bool:
        """Whether a stage has left anything to resume from: a record, a checkpoint or episodes."""
        left = ("*/checkpoints/step_*", "*/metrics.jsonl", "*/**/index.json")
        return any(path.stat().st_size for pattern in left for path in self.folder.glob(pattern))

    @contextmanager
    def owned(self) -> Iterator[Held]:
        """Create the folder and own it for the length of a block: no other run may use it.

        Raises:
            UsageError: another run works there.
            WmframeError: it cannot be made or written.
        """
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with hold(self.folder / OWNER) as held:
            yield held

    def prepare(self, allow_changes: bool = False) -> None:
        """Make the folder and write ``resolved.toml``; an existing run must have the same recipe.

        Raises:
            UsageError: the folder's run was made with other settings.
        """
        resolved = self.folder / RESOLVED
        if self.exists and self.begun and not allow_changes:
            changed = differences(resolved, self.recipe)
            if changed:
                raise UsageError(
                    f"{self.folder} was begun with other settings:\n  " + "\n  ".join(changed),
                    "choose another --name, or use the new ones with --allow-changes",
                )
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(resolved, dump_recipe(self.recipe))

    def locked(self) -> dict[str, Any]:
        """The run's ``lock.json`` so far; empty if it is new."""
        path = self.folder / LOCK
        return read_json(path, dict[str, Any], hint=LOCK_HINT) if path.exists() else {}

    def lock(self, facts: dict[str, Any]) -> None:
        """Write ``lock.json``: versions, source state, hardware and facts about the suites."""
        lock = {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "packages": installed_versions(),
            "git": git_state(),
            **facts,
        }
        write_atomically(self.folder / LOCK, json.dumps(lock, indent=2))


def installed_versions() -> dict[str, str]:
    """Versions of wmframe's distributions and of the packages that numbers depend on."""
    versions = {
        found.name: found.version or UNKNOWN
        for found in reversed(tuple(survey()))  # of two the first one is imported
        if found.name in LOCKED_PACKAGES or found.name.startswith("wmframe")
    }
    return dict(sorted(versions.items()))


def git_state() -> dict[str, str] | None:
    """Commit and uncommitted change of the checkout that wmframe runs from; None outside one."""
    here = Path(__file__).parent

    def ask(*words: str) -> str:
        command = ["git", "-C", str(here), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    try:
        return {"commit": ask("rev-parse", "HEAD").strip(), "diff": ask("diff", "HEAD")}
    except (OSError, subprocess.CalledProcessError):
        return None
