"""Recipe: what a run is made of, checked and typed, with the origin of every value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from wmframe import limits
from wmframe.config import Part, parts, setting
from wmframe.recipe.scalars import Mismatch, shortened
from wmframe.recipe.tree import Node, dotted, leaves
from wmframe.training.device import NAMES, is_device


def _folder_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{,199}", name):
        hint = "use up to 200 letters, digits, _ and -"
        raise Mismatch(f'"{shortened(name)}" cannot be a folder\'s name', hint)
    return name


def _device(name: str) -> str:
    if not is_device(name):
        raise Mismatch(f'there is no device "{shortened(name)}"', f"allowed: {NAMES}")
    return name


@attrs.frozen(kw_only=True)
class RunSettings:
    """The settings at the top of a recipe."""

    name: str = setting(
        help="the run's folder; the file's name unless given", normalize=_folder_name
    )
    description: str = setting("", help="one line on what the run is for")
    seed: int = setting(
        0, help="seed of everything random in the run", minimum=0, maximum=limits.SEED
    )
    device: str = setting("auto", help="auto, cpu, cuda, cuda:N or mps", normalize=_device)
    threads: int | None = setting(
        None, help="CPU threads of torch; unset: torch's own", minimum=1, maximum=limits.PROCESSES
    )
    precision: str = setting(
        "auto",
        help="of updates, and of exploring on a CPU; auto: bfloat16 where the device multiplies "
        "it itself, else float32; bfloat16: autocast; tf32: float32, products on a GPU rounded to "
        "TF32",
        choices=("auto", "float32", "tf32", "bfloat16"),
    )
    cpu_kernels: bool = setting(
        True, help="use wmframe's own kernels on a CPU; false: torch's alone, for comparison"
    )
    cuda_graphs: bool = setting(
        True, help="on one GPU, record update and policy once and replay them"
    )
    trackers: tuple[Part, ...] = parts(
        "tracker",
        ("wmframe.jsonl", "wmframe.console", "wmframe.tensorboard"),
        help="where metrics and videos go",
    )


@attrs.frozen(kw_only=True)
class Recipe(RunSettings):
    """A recipe that can be run.

    Attributes:
        path: its file.
        profile: the profile that was chosen.
        profiles: the profiles that it has.
        local: files of its local plugins, absolute.
        stages: its stages by name, in the order written.
        merged: the values as written, with their origins.
    """

    path: Path
    profile: str | None
    profiles: tuple[str, ...]
    local: tuple[Path, ...]
    stages: tuple[tuple[str, Part], ...]
    merged: Node = attrs.field(eq=False, repr=False)

    @property
    def values(self) -> dict[str, Any]:
        """The values as written, merged, without defaults."""
        return self.merged.plain()  # type: ignore[no-any-return]

    @property
    def origins(self) -> Mapping[str, str]:
        """Where each written value is from (``file:line``, ``--set ...``), by its dotted key."""
        return {dotted(path): node.origin.label for path, node in leaves(self.merged)}
