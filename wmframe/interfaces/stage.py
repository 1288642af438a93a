"""Stage: one step of a run, which reads files and writes files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from wmframe.errors import MissingError
from wmframe.types import Estimate

if TYPE_CHECKING:
    import numpy as np

    from wmframe.interfaces.context import StageContext


class Stage(ABC):
    """Built with its settings alone; everything else comes with :meth:`execute`.

    A stage that trains something calls the slot of its learner ``agent``: by that name its settings
    are found again when ``wmframe.load``, an evaluation or a report builds the learner for its
    checkpoint. If it has a slot ``suite``, that is where a loaded agent acts unless told otherwise.
    """

    parallel: ClassVar[bool] = False
    """Whether all processes of a launch execute it together; if not the first does, by itself."""

    @abstractmethod
    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Run to the budget, going on from the last checkpoint if there is one.

        Returns:
            the last figures of the stage, for the run's summary.
        """

    def estimate(self) -> Estimate:
        """What :meth:`execute` would take, for ``run --dry-run``; unknown unless overridden.

        It writes nothing and needs nothing of what earlier stages leave behind;
        :mod:`wmframe.stages.loop.estimate` has the pieces.
        """
        return Estimate()

    def clips(self, folder: Path, count: int, length: int, seed: int) -> dict[str, np.ndarray]:
        """Clips of what the stage that wrote to ``folder`` learnt from, to show what it learnt.

        Args:
            folder: the stage's.
            count: clips B.
            length: frames of a clip T.
            seed: fixes which.

        Returns:
            arrays [B, T, ...] as a learner's batch has them; ``image`` is among them.

        Raises:
            MissingError: it has none.
        """
        raise MissingError(f"{folder} keeps no clips", "give a stage that trains a learner")
