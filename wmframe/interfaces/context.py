"""The context in which a stage runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from wmframe.errors import MissingError
from wmframe.types import Counters

if TYPE_CHECKING:
    import numpy as np

STAGE_PREFIX = "stages."


class Hub(Protocol):
    """The reporting interface of a stage: all trackers of the run."""

    def start(self, counters: Counters, budget: Counters | None = None) -> None:
        """The stage begins or resumes at ``counters``; it ends at ``budget``."""

    def tick(self, counters: Counters) -> None:
        """The current progress of the stage."""

    def note(self, text: str) -> None:
        """Progress of work during which the counters do not change."""

    def scalars(self, counters: Counters, values: Mapping[str, float]) -> None:
        """Record figures."""

    def video(
        self, counters: Counters, name: str, frames_THWC: np.ndarray | None, fps: int = 20
    ) -> None:
        """Record a clip, uint8, if there is one."""


@attrs.frozen
class StageContext:
    """Where a stage writes, on which device it computes and where it reports.

    Attributes:
        name: the stage's name in the recipe.
        run: the run's folder; every stage has a folder of its name in it.
        seed: the run's seed.
        device: a torch device string.
        hub: receives metric records and videos.
        emit: tells plugins of events, by hook name without ``wmframe_``.
        precision: of updates, and of exploring decisions on a CPU; not ``auto``.
        cuda_graphs: whether work on a GPU may be captured and replayed.
        check: raises where the run's folder was removed, renamed or taken by another run.
    """

    name: str
    run: Path
    seed: int
    device: str
    hub: Hub
    emit: Callable[..., Any]
    precision: str = "float32"
    cuda_graphs: bool = True
    check: Callable[[], None] = lambda: None

    @property
    def folder(self) -> Path:
        """Where this stage writes."""
        return self.run / self.name

    def source(self, reference: str) -> Path:
        """The folder that ``stages.NAME`` or a path refers to.

        Raises:
            MissingError: there is no such folder.
        """
        inside = reference.startswith(STAGE_PREFIX)
        folder = self.run / reference.removeprefix(STAGE_PREFIX) if inside else Path(reference)
        if not folder.is_dir():
            hint = "run that stage first" if inside else "give a run's folder, or stages.NAME"
            raise MissingError(f"{reference}: there is no folder {folder}", hint)
        return folder
