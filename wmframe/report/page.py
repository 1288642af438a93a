"""The report of a run: one HTML file to view or send, and images for papers next to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from wmframe.files import write_atomically
from wmframe.json_files import read_json
from wmframe.report import html
from wmframe.report.plots import learning_figure, panels_figure, time_figure
from wmframe.report.records import Record, by_stage, last_figures, load_metrics
from wmframe.report.style import save
from wmframe.report.videos import video_section
from wmframe.tracking.names import COUNTERS, find
from wmframe.tracking.videos import FOLDER as VIDEOS

LOCK_HINT: Final = "delete it: a run writes it again, and it is informational"
PAGE: Final = "report.html"
PICTURES: Final = "pictures"


def report_run(folder: Path) -> Path:
    """Write ``report.html`` and ``pictures/`` into a run's folder from what it holds.

    Returns:
        the page.

    Raises:
        MissingError: the folder holds no metrics.
    """
    records = load_metrics(folder)
    parts = [html.heading(folder.resolve().name, 1), when(records)]
    for stage, own in by_stage(records).items():
        parts += stage_section(folder, stage, own)
    parts += recipe_section(folder)
    page = folder / PAGE
    write_atomically(page, html.document(f"{folder.resolve().name} - wmframe", parts))
    return page


def when(records: Sequence[Record]) -> str:
    """When the first and the last record were written."""
    times = [record["time"] for record in records]
    first, last = (
        datetime.fromtimestamp(t).strftime("%Y-%m-%d %H:%M") for t in (min(times), max(times))
    )
    return f'<p class="sub">{first} to {last}, {len(records):,} records</p>'


def stage_section(folder: Path, stage: str, records: Sequence[Record]) -> Iterator[str]:
    """The section of one stage."""
    place = folder / stage if (folder / stage).is_dir() else folder
    yield html.heading(stage)
    yield html.tiles(headline(records))
    learning = learning_figure(records)
    if learning is not None:
        save(learning, folder / PICTURES / stage / "learning.png")
    yield html.picture(learning, "Learning")
    yield from video_section(place / VIDEOS, folder, folder / PICTURES / stage)
    yield html.picture(panels_figure(records, "heldout"), "Held-out videos")
    yield html.picture(panels_figure(records, "train"), "Learner")
    yield html.picture(time_figure(records), "Time")
    yield html.folded("Last figures", figures_table(last_figures(records)))


def headline(records: Sequence[Record]) -> dict[str, str]:
    """The counters, the time and the last evaluation."""
    figures = last_figures(records)
    facts = {
        counter.name.replace("_", " "): f"{records[-1].get(counter.name, 0):,}"
        for counter in COUNTERS
    }
    facts = {name: value for name, value in facts.items() if value != "0"}
    seconds = round(records[-1]["time"] - records[0]["time"])
    facts["first to last record"] = str(timedelta(seconds=seconds))
    if "eval/return_mean" in figures:
        spread = figures.get("eval/return_std", 0.0)
        facts["last evaluation return"] = f"{figures['eval/return_mean']:.4g} ± {spread:.2g}"
    return facts


def figures_table(figures: Mapping[str, float]) -> str:
    """Metrics with their units and meanings, as far as known."""
    rows = [(name, float(value), *known(name)) for name, value in sorted(figures.items())]
    return html.table(("metric", "value", "unit", "meaning"), rows)


def known(name: str) -> tuple[str, str]:
    """Unit and meaning of a metric; empty if unknown."""
    metric = find(name)
    return (metric.unit, metric.meaning) if metric else ("", "")


def recipe_section(folder: Path) -> Iterator[str]:
    """The recipe and the lock of the run."""
    resolved, lock = folder / "resolved.toml", folder / "lock.json"
    if resolved.is_file():
        yield html.heading("Recipe")
        yield html.folded("resolved.toml", html.code(resolved.read_text("utf-8", "replace")))
    if lock.is_file():
        facts = dict(flat(read_json(lock, dict[str, Any], hint=LOCK_HINT)))
        short = {key: value for key, value in facts.items() if "\n" not in value}
        yield html.heading("Made with")
        yield html.table(("fact", "value"), short.items())
        for key in facts.keys() - short.keys():
            yield html.folded(key, html.code(facts[key]))


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Leaves of nested tables by dotted key; empty ones are left out."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        elif value not in (None, ""):
            yield f"{prefix}{key}", str(value)
