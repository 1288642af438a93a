"""Stage: one step of a run, which reads files and writes files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wmframe.stages.context import StageContext


class Stage(ABC):
    """Built with its settings alone; everything else comes with :meth:`execute`."""

    @abstractmethod
    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Run to the budget, going on from the last checkpoint if there is one.

        Returns:
            the last figures of the stage, for the run's summary.
        """

    @classmethod
    def checkpoints(cls, folder: Path) -> Path:
        """Where a stage that wrote to ``folder`` keeps its checkpoints."""
        return folder / "checkpoints"
