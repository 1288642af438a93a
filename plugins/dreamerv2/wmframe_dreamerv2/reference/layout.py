"""Checkpoints of the reference implementation (thuml/ContextWM).

``variables.pt`` holds a whole agent, its behavior twice. Pre-training writes a model without
behavior to ``variables.pt`` and its parts to files of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Final

import torch
from torch import Tensor

from wmframe.interfaces import Layout
from wmframe_dreamerv2.reference.agent import AGENT
from wmframe_dreamerv2.reference.names import Renames

WHOLE: Final = "variables.pt"
PARTS: Final = {
    "rssm_variables.pt": "wm.rssm.",
    "encoder_variables.pt": "wm.encoder.",
    "decoder_variables.pt": "wm.heads.decoder.",
}
"""Files of parts, and where in the whole they belong."""

BEHAVIOR: Final = "_task_behavior."
COPY: Final = "_expl_behavior."
"""The reference saves the behavior that acts a second time under the explorer's name."""


class ReferenceLayout(Layout):
    """Methods that build on this one bring their own tables."""

    agent: ClassVar[Renames] = AGENT
    """Names of a whole agent."""

    predictor: ClassVar[Renames] = Renames(())
    """Names of what pre-training saves; those in a part's file begin after the part's place."""

    def names(self, file: str, names: Collection[str]) -> dict[str, str]:
        """See :meth:`wmframe.interfaces.Layout.names`."""
        place = PARTS.get(file, "")
        whole = {place + name: name for name in names}
        originals = {name.replace(COPY, BEHAVIOR, 1): name for name in whole}
        table = self.predictor if place or not self._acts(names) else self.agent
        ours = table.to_ours({**originals, **whole})
        return {
            theirs: ours[original]
            for name, theirs in whole.items()
            if (original := name.replace(COPY, BEHAVIOR, 1)) in ours
        }

    def files(self, names: Collection[str]) -> dict[str, dict[str, str]]:
        """See :meth:`wmframe.interfaces.Layout.files`."""
        if any(name.startswith("task.") for name in names):
            whole = _turned(self.agent.to_reference(names))
            copies = {
                name.replace(BEHAVIOR, COPY, 1): ours
                for name, ours in whole.items()
                if name.startswith(BEHAVIOR)
            }
            return {WHOLE: {**whole, **copies}}
        whole = _turned(self.predictor.to_reference(names))
        parts = {
            file: {k.removeprefix(place): ours for k, ours in whole.items() if k.startswith(place)}
            for file, place in PARTS.items()
        }
        return {file: found for file, found in {WHOLE: whole, **parts}.items() if found}

    def derive(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Counters: rows of the bonus queue that hold something; the slow target has been set."""
        if not any(name.startswith("task.") for name in weights):
            return {}
        derived = {"decisions": 0}
        if "task.target.net.output.linear.bias" in weights:
            derived["task.target.updates"] = 1
        if "world_model.bonus.queue" in weights:
            rows = weights["world_model.bonus.queue"].any(-1)
            derived["world_model.bonus.filled"] = int(rows.sum())
        return {name: torch.tensor(value) for name, value in derived.items()}

    def _acts(self, names: Collection[str]) -> bool:
        return any(name.startswith(BEHAVIOR) for name in names)


def _turned(names: Mapping[str, str]) -> dict[str, str]:
    return {theirs: ours for ours, theirs in names.items()}
