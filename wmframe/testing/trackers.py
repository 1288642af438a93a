"""What every tracker promises: it takes whatever a stage reports."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from wmframe.config import Part
from wmframe.interfaces.tracker import Tracker
from wmframe.testing.expect import expect
from wmframe.types import Counters


def check_tracker_part(part: Part) -> None:
    """Build a tracker in a temporary folder and check it.

    Raises:
        ConformanceError: with what to change.
    """
    with tempfile.TemporaryDirectory() as folder:
        tracker = part.build(folder=Path(folder), stage="check")
        message = f"{part.use} builds a {type(tracker).__name__}, not a Tracker"
        expect(isinstance(tracker, Tracker), message)
        check_tracker(tracker)


def check_tracker(tracker: Tracker) -> None:
    """Report a short stage to a tracker, whose methods have to take all of it; closes the tracker.

    A value that is not finite, a metric that comes later than others and a clip of one frame are
    among what stages report.
    """
    tracker.start(Counters(), Counters(env_steps=100))
    for step in range(3):
        tracker.tick(Counters(env_steps=step))
    tracker.scalars(Counters(env_steps=2, agent_steps=1), {"episode/return": 1.0})
    late = {"episode/return": 2.0, "train/model_loss": float("nan")}
    tracker.scalars(Counters(env_steps=4, agent_steps=2, updates=1, episodes=1), late)
    for frames in (6, 1):
        clip_THWC = np.zeros((frames, 16, 16, 3), np.uint8)
        tracker.video(Counters(env_steps=4), "eval_policy", clip_THWC)
    tracker.close()
