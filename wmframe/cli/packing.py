"""``wmframe videos pack``: the dataset as the command line sets it, and the progress bar."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wmframe.config import Part
from wmframe.data.shards.counts import remarks
from wmframe.data.shards.packing import PackReport, Step, pack
from wmframe.errors import printable, printable_name
from wmframe.interfaces.dataset import Counts, VideoDataset
from wmframe.recipe.source import parse_override
from wmframe.recipe.structure import structure_part
from wmframe.recipe.tree import Origin, merge, wrap


def build_dataset(name: str, overrides: Sequence[str]) -> VideoDataset:
    """A dataset with some settings changed.

    Args:
        name: of its component.
        overrides: as ``KEY=VALUE``.

    Raises:
        UsageError: an override is malformed.
        RecipeError: there is no such dataset, or a setting is wrong.
    """
    changes = [parse_override(text) for text in overrides]
    table = reduce(merge, changes, wrap({"use": name}, Origin("NAME")))
    part: Part = structure_part("dataset", table.plain())
    dataset: VideoDataset = part.build()
    return dataset


def pack_with_progress(dataset: VideoDataset, **options: Any) -> PackReport:
    """Pack one split with a progress bar; bad videos are reported above it.

    Args:
        dataset: what to pack.
        options: those of :func:`~wmframe.data.shards.packing.pack`.
    """
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[bad]} bad"),
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(options["split"], bad=0, total=None)
        hints: list[str] = []

        def show(step: Step) -> None:
            if step.problem:
                text = escape(printable(said_of(step, known=step.hint in hints)))
                bar.console.print(text, highlight=False, soft_wrap=True)
                hints.append(step.hint)
            bar.update(task, completed=step.done, total=step.total, bad=len(hints))

        return pack(dataset, progress=show, **options)


def said_of(step: Step, *, known: bool) -> str:
    """The report of a bad video; without its hint if that is ``known`` from another."""
    text = f"bad: {step.video.key} ({printable_name(step.video.path)}): {step.problem}"
    return f"{text}\n  hint: {step.hint}" if step.hint and not known else text


def remarks_on(report: PackReport) -> list[str]:
    """The message if a split has more or less than its publisher states."""
    found = Counts(report.counts["videos"], report.counts["frames"])
    return remarks(found, report.expected, len(report.bad))
