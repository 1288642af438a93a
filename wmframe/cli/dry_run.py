"""``wmframe run --dry-run``: stages, output folder, and resource estimates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from wmframe.cli.text import echo_columns
from wmframe.config import Part
from wmframe.interfaces.stage import Stage
from wmframe.stages.plan import Plan
from wmframe.types import Estimate


def echo_plan(plan: Plan) -> None:
    """Print the run's folder, and each stage's tree of components and estimates."""
    typer.echo(f"{'resumes in' if plan.exists else 'writes to'} {plan.folder}")
    for name, part in plan.recipe.stages:
        echo_part(name, part, 1)
        stage: Stage = part.build()
        echo_estimate(stage.estimate())


def echo_part(slot: str, part: Part, depth: int) -> None:
    """Print a component and those in its slots."""
    typer.echo(f"{'  ' * depth}{slot} = {part.use}")
    for name, value in part.settings().items():
        for slot, item in _named(name, value):
            if isinstance(item, Part):
                echo_part(slot, item, depth + 1)


def _named(name: str, value: Any) -> list[tuple[str, Any]]:
    """The components in a slot: one, a list, or a table."""
    if isinstance(value, dict):
        return [(f"{name}.{key}", item) for key, item in value.items()]
    return [(name, item) for item in (value if isinstance(value, tuple) else (value,))]


def echo_estimate(estimate: Estimate) -> None:
    """Print a stage's resource estimate."""
    counts = {name: f"{count:,}" for name, count in estimate.parameters.items()}
    echo_section("parameters", counts)
    echo_section("disk", {name: in_units(size) for name, size in estimate.disk.items()})
    sizes = {name: in_units(size) for name, size in estimate.memory.items()}
    echo_section("memory on the device, without activations", sizes)


def echo_section(title: str, figures: Mapping[str, str]) -> None:
    """Print a titled table of figures, right-aligned; nothing if there are none."""
    if figures:
        width = max(map(len, figures.values()))
        typer.echo(f"    {title}")
        echo_columns([(name, text.rjust(width)) for name, text in figures.items()], indent=6)


def in_units(size: float) -> str:
    """Bytes with three significant digits and a binary unit."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:  # what is above rounds to 1000
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
