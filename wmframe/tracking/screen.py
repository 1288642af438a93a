"""What the console shows of a stage, as a rich panel or as one line."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from statistics import fmean

from rich.console import RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from wmframe.tracking.progress import Progress
from wmframe.types import Counters

SHARES = ("simulator", "data", "learner", "other")
RETURNS = 10


class View:
    """All that the console knows of a stage."""

    def __init__(self, stage: str, folder: Path) -> None:
        self.stage = stage
        self.folder = folder
        self.begin(Counters(), Counters())
        self.note = ""
        self.latest: dict[str, float] = {}
        self.returns: deque[float] = deque(maxlen=RETURNS)

    def begin(self, counters: Counters, budget: Counters) -> None:
        """The stage is at ``counters`` and ends at ``budget``."""
        self.counters = counters
        self.budget = budget
        self.progress = Progress(budget)

    def take(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Remember a record."""
        self.counters = counters
        self.latest.update(values)
        if "episode/return" in values:
            self.returns.append(values["episode/return"])

    def speed(self) -> str:
        """Rates of the last minute; of updates alone where there is no simulator."""
        frames, updates = self.progress.rate("env_steps"), self.progress.rate("updates")
        parts = [f"{frames:,.0f} env steps/s"] if self.counters.env_steps else []
        return " · ".join([*parts, f"{updates:,.1f} updates/s"])

    def training(self) -> str:
        """The last training return and the mean of the last few; empty before the first."""
        if not self.returns:
            return ""
        return (
            f"{self.returns[-1]:.1f} (mean of last {len(self.returns)}: {fmean(self.returns):.1f})"
        )

    def evaluation(self) -> str:
        """The last evaluation: return and scores; empty before the first."""
        if "eval/return_mean" not in self.latest:
            return ""
        spread = self.latest.get("eval/return_std", 0.0)
        parts = [f"{self.latest['eval/return_mean']:.1f} ± {spread:.1f}"]
        for name, value in self.latest.items():
            if name.startswith("eval/") and name.endswith("_mean"):
                score = name.removeprefix("eval/").removesuffix("_mean")
                parts += [f"{score} {value:.2f}"] if score not in ("return", "length") else []
        return " · ".join(parts)

    def held_out(self) -> str:
        """The last look at held-out videos; empty before the first."""
        latest = self.latest
        parts = []
        if "heldout/image_loss" in latest:
            parts.append(f"image loss {latest['heldout/image_loss']:.4g}")
        if "heldout/psnr" in latest:
            psnr, repeat = latest["heldout/psnr"], latest["heldout/psnr_repeat"]
            parts.append(f"PSNR {psnr:.1f} dB (repeating {repeat:.1f})")
        return " · ".join(parts)

    def waiting(self) -> str:
        """Where the time goes; empty before the first record of it."""
        shares = {name: self.latest.get(f"time/share_{name}") for name in SHARES}
        return " · ".join(
            f"{name} {share:.0%}" for name, share in shares.items() if share is not None
        )

    def left(self) -> str:
        """Time to the end at the present speed."""
        seconds = self.progress.seconds_left()
        return "" if seconds is None else str(timedelta(seconds=round(seconds)))

    def losses(self) -> str:
        """The learner's losses by name."""
        named = {
            name.removeprefix("train/").removesuffix("_loss"): value
            for name, value in sorted(self.latest.items())
            if name.startswith("train/") and name.endswith("loss")
        }
        return " · ".join(f"{name} {value:.3g}" for name, value in named.items())

    def counts(self) -> Iterator[tuple[str, str]]:
        """Each counter that moves, with its budget where it has one."""
        for name in ("env_steps", "agent_steps", "updates", "episodes"):
            now, limit = getattr(self.counters, name), getattr(self.budget, name)
            if now or limit:
                yield name.replace("_", " "), f"{now:,}" + (f" / {limit:,}" if limit else "")


def panel(view: View) -> RenderableType:
    """The live view."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1)
    done = view.progress.fraction()
    table.add_row(f"{done:.0%}", ProgressBar(total=1.0, completed=done, complete_style="cyan"))
    rows = [
        *view.counts(),
        ("speed", view.speed()),
        ("return", view.training()),
        ("evaluation", view.evaluation()),
        ("held out", view.held_out()),
        ("losses", view.losses()),
        ("time goes to", view.waiting()),
        ("left", view.left()),
        ("now", view.note),
    ]
    for label, text in rows:
        if text:
            table.add_row(label, Text(text))
    title, place = Text(view.stage, style="bold"), Text(str(view.folder), style="dim")
    return Panel(table, title=title, subtitle=place, title_align="left")


def line(view: View) -> str:
    """The same in one line, for logs."""
    named = {
        "return": view.training(),
        "evaluation": view.evaluation(),
        "held out": view.held_out(),
        "time": view.waiting(),
        "left": view.left(),
        "now": view.note,
    }
    counts = [f"{label} {text}" for label, text in view.counts()]
    rest = [f"{label}: {text}" for label, text in named.items() if text]
    return f"{view.stage} | " + " | ".join([", ".join(counts), view.speed(), *rest])
