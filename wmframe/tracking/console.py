"""ConsoleTracker: a live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.live import Live

from wmframe.interfaces.tracker import Tracker
from wmframe.tracking.screen import View, line, panel
from wmframe.types import Counters


class ConsoleTracker(Tracker):
    """Redraws when due; a call in between costs less than a microsecond or two.

    Args:
        folder: the stage's folder, shown as the place to look.
        stage: the stage's name.
        refresh: redraws per second on a terminal.
        interval: seconds between lines without a terminal.
        console: where to write; standard output unless given.
    """

    def __init__(
        self,
        *,
        folder: Path,
        stage: str,
        refresh: float = 4.0,
        interval: float = 10.0,
        console: Console | None = None,
    ) -> None:
        self._console = console or Console()
        self._view = View(stage, folder)
        live = self._console.is_terminal
        self._live = Live(console=self._console, auto_refresh=False) if live else None
        self._pause = 1 / refresh if live else interval
        self._due = 0.0

    def start(self, counters: Counters, budget: Counters) -> None:
        """Start drawing."""
        self._view.begin(counters, budget)
        if self._live is not None:
            self._live.start()
        self.tick(counters)

    def tick(self, counters: Counters) -> None:
        """Draw if a redraw is due."""
        self._view.counters = counters
        self._view.note = ""
        self._draw_if_due()

    def note(self, text: str) -> None:
        """Draw side progress, if a redraw is due."""
        self._view.note = text
        self._draw_if_due()

    def _draw_if_due(self) -> None:
        now = monotonic()
        if now >= self._due:
            self._view.progress.mark(self._view.counters, now)
            self._draw()
            self._due = monotonic() + self._pause

    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Store the values for the next redraw; an evaluation is shown at once."""
        self._view.take(counters, values)
        if "eval/return_mean" in values or "heldout/moving" in values:
            self._draw()

    def close(self) -> None:
        """Draw a last time."""
        self._draw()
        if self._live is not None:
            self._live.stop()

    def _draw(self) -> None:
        if self._live is not None:
            self._live.update(panel(self._view), refresh=True)
        else:
            self._console.print(
                line(self._view), highlight=False, markup=False, emoji=False, soft_wrap=True
            )
