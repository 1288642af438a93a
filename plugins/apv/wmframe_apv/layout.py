"""Checkpoints of the reference implementation's APV."""

from __future__ import annotations

from wmframe_apv.reference import AGENT, PREDICTOR
from wmframe_dreamerv2.reference.layout import ReferenceLayout


class ApvLayout(ReferenceLayout):
    """Of agents, and of video predictors."""

    agent = AGENT
    predictor = PREDICTOR
