"""Random batches with the shapes of a stage's data."""

from __future__ import annotations

import torch
from torch import Tensor

from wmframe.envs.actions import ActionCodec
from wmframe.errors import UsageError
from wmframe.interfaces.models import Learner
from wmframe.interfaces.stage import DataSpecs, LearnerSetup, Stage
from wmframe.recipe import Recipe
from wmframe.suggest import suggest
from wmframe.training.samples import actions, raw


class Subject:
    """The learner of a stage, and the size of its batches.

    Args:
        recipe: what names the stage.
        stage: its name.

    Raises:
        UsageError: there is no such stage, or it updates no learner.
    """

    def __init__(self, recipe: Recipe, stage: str) -> None:
        setups = learner_setups(recipe)
        if stage not in setups:
            hint = suggest(stage, setups) or "give a recipe that trains something"
            raise UsageError(f"{recipe.name} has no stage {stage!r} that updates a learner", hint)
        setup = setups[stage]
        self.specs, self.size = setup.specs(), (setup.batch, setup.length)
        self._part = setup.agent

    def build(self, device: str) -> Learner:
        """A learner with fresh weights."""
        learner: Learner = self.specs.build(self._part)
        return learner.to(device)

    def batch(self, device: str) -> dict[str, Tensor]:
        """Windows in which anything happens, but no resets within."""
        made = random_batch(self.specs, *self.size)
        return {key: value.to(device) for key, value in made.items()}


def learner_setups(recipe: Recipe) -> dict[str, LearnerSetup]:
    """The learners of a recipe's training stages, by name."""
    stages: dict[str, Stage] = {name: part.build() for name, part in recipe.stages}
    setups = {name: stage.learner_setup() for name, stage in stages.items()}
    return {name: setup for name, setup in setups.items() if setup is not None}


def random_batch(specs: DataSpecs, batch: int, length: int) -> dict[str, Tensor]:
    """A batch as :data:`wmframe.types.Batch` has it; without actions where nothing acts.

    Args:
        specs: what a step looks like.
        batch: windows B.
        length: steps of a window T.
    """
    lead = (batch, length)
    is_first_BT = torch.zeros(lead)
    is_first_BT[:, 0] = 1
    data = {**raw(specs.obs, *lead), "is_first": is_first_BT}
    if specs.action is None:
        return data
    ends = {name: torch.zeros(lead) for name in ("is_last", "is_terminal")}
    action_BTA = actions(ActionCodec(specs.action).spec, *lead)
    return {**data, **ends, "action": action_BTA, "reward": torch.rand(lead)}
