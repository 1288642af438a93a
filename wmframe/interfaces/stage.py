"""Stage: one step of a run, which reads files and writes files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import attrs

from wmframe.config import Part
from wmframe.errors import MissingError
from wmframe.types import Estimate, ObsSpec

if TYPE_CHECKING:
    import numpy as np
    from gymnasium import spaces

    from wmframe.interfaces.context import StageContext


class DataSpecs(Protocol):
    """What a step of the data looks like; :class:`wmframe.stages.loop.specs.Specs` is one."""

    @property
    def obs(self) -> ObsSpec:
        """Observations by key."""

    @property
    def action(self) -> spaces.Space[Any] | None:
        """The action space; None where nothing acts."""

    def build(self, part: Part) -> Any:
        """Build the learner of a slot for data like these."""


@attrs.frozen
class LearnerSetup:
    """What a stage trains, to be built and measured without the stage.

    Attributes:
        agent: builds the learner.
        batch: windows B of a batch, over all processes.
        length: steps T of a window.
        specs: what a step of the data looks like; may build a simulator to find out.
        suite: where the learner acts, if it does.
        processes: whether its simulators are processes.
    """

    agent: Part
    batch: int
    length: int
    specs: Callable[[], DataSpecs]
    suite: Part | None = None
    processes: bool = True


class Stage(ABC):
    """Built with its settings only; everything else is passed to :meth:`execute`.

    A training stage calls the slot of its learner ``agent``: ``wmframe.load``, evaluations and
    reports find its settings by that name when they build the learner for its checkpoint. If it has
    a slot ``suite``, a loaded agent acts there by default.
    """

    parallel: ClassVar[bool] = False
    """Whether all processes of a launch execute it together; if not, process 0 does alone."""

    @abstractmethod
    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Run to the budget, resuming from the last checkpoint if there is one.

        Returns: the last metrics of the stage, for the run's summary.
        """

    def estimate(self) -> Estimate:
        """Resource estimate of :meth:`execute` for ``run --dry-run``; unknown unless overridden.

        It writes nothing and needs no results of earlier stages;
        :mod:`wmframe.stages.loop.estimate` has the pieces.
        """
        return Estimate()

    def learner_setup(self) -> LearnerSetup | None:
        """What the stage trains, for ``wmframe bench``; None, unless overridden, if nothing."""
        return None

    def clips(self, folder: Path, count: int, length: int, seed: int) -> dict[str, np.ndarray]:
        """Clips of the training data of the stage that wrote to ``folder``, for predictions.

        Args:
            folder: the stage's.
            count: clips B.
            length: frames of a clip T.
            seed: selects the clips.

        Returns:
            arrays [B, T, ...] as a learner's batch has them; ``image`` is among them.

        Raises:
            MissingError: it has none.
        """
        raise MissingError(f"{folder} keeps no clips", "give a stage that trains a learner")
