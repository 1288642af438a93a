"""What every stage promises before it runs."""

from __future__ import annotations

from wmframe.config import Part
from wmframe.interfaces.stage import LearnerSetup, Stage
from wmframe.testing.expect import expect


def check_stage_part(part: Part) -> None:
    """Check that a stage is built of its settings alone, and what it says that it trains.

    Raises:
        ConformanceError: with what to change.
    """
    stage = part.build()
    expect(isinstance(stage, Stage), f"{part.use} builds a {type(stage).__name__}, not a Stage")
    setup = stage.learner_setup()
    expect(
        setup is None or isinstance(setup, LearnerSetup),
        f"{part.use}.learner_setup() returns a {type(setup).__name__}, not a LearnerSetup or None",
    )
