"""Checkpoints of the reference implementation's ContextWM."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from wmframe_contextwm.reference import AGENT, PREDICTOR
from wmframe_dreamerv2.reference.layout import ReferenceLayout

_QUERY = "attention.q_position"


class ContextLayout(ReferenceLayout):
    """Of agents, and of video predictors."""

    agent = AGENT
    predictor = PREDICTOR

    def derive(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Also the counters of mask warm-ups, which restart."""
        attentions = [name.removesuffix("q_position") for name in weights if _QUERY in name]
        calls = {f"{place}mask.calls": torch.tensor(0) for place in attentions}
        return {**super().derive(weights), **calls}
