"""The contract between the core and its plugins: one abstract class per kind of component.

Classes needed by simulators and data workers do not import torch; names are imported lazily.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wmframe.lazy import load_on_use

if TYPE_CHECKING:
    from wmframe.interfaces.dataset import Counts, RawVideo, VideoDataset
    from wmframe.interfaces.layout import Layout
    from wmframe.interfaces.models import Agent, Decoder, Dynamics, Encoder, Learner
    from wmframe.interfaces.stage import Stage
    from wmframe.interfaces.suite import EnvSuite
    from wmframe.interfaces.tracker import Tracker

_HOME = {
    "Agent": "models",
    "Decoder": "models",
    "Dynamics": "models",
    "Encoder": "models",
    "Learner": "models",
    "Layout": "layout",
    "EnvSuite": "suite",
    "Stage": "stage",
    "Tracker": "tracker",
    "Counts": "dataset",
    "RawVideo": "dataset",
    "VideoDataset": "dataset",
}

__all__ = [
    "Agent",
    "Counts",
    "Decoder",
    "Dynamics",
    "Encoder",
    "EnvSuite",
    "Layout",
    "Learner",
    "RawVideo",
    "Stage",
    "Tracker",
    "VideoDataset",
]

__getattr__ = load_on_use(__name__, _HOME)
