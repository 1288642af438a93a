"""What a stage's learner learns from, at random: its shapes and nothing of its content."""

from __future__ import annotations

import torch
from torch import Tensor

from wmframe.config import Part
from wmframe.envs.actions import ActionCodec
from wmframe.errors import UsageError
from wmframe.interfaces.models import Learner
from wmframe.recipe import Recipe
from wmframe.stages.loop.estimate import suite_specs
from wmframe.stages.loop.specs import Specs
from wmframe.stages.online import OnlineStage
from wmframe.stages.pretrain import PretrainStage
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
        built = dict(recipe.stages)[stage].build() if stage in dict(recipe.stages) else None
        if isinstance(built, OnlineStage):
            self.specs = suite_specs(built.suite.build())
            self.size = built.replay.batch, built.replay.length
        elif isinstance(built, PretrainStage):
            self.specs, self.size = built.specs, (built.batch, built.length)
        else:
            hint = suggest(stage, learning_stages(recipe)) or "give a recipe that trains something"
            raise UsageError(f"{recipe.name} has no stage {stage!r} that updates a learner", hint)
        self._part: Part = built.agent

    def build(self, device: str) -> Learner:
        """A learner with fresh weights."""
        learner: Learner = self.specs.build(self._part)
        return learner.to(device)

    def batch(self, device: str) -> dict[str, Tensor]:
        """Windows in which anything happens, but no resets within."""
        made = random_batch(self.specs, *self.size)
        return {key: value.to(device) for key, value in made.items()}


def learning_stages(recipe: Recipe) -> list[str]:
    """The stages of a recipe that update a learner."""
    kinds = ("wmframe.online", "wmframe.pretrain")
    return [name for name, part in recipe.stages if part.component.name in kinds]


def random_batch(specs: Specs, batch: int, length: int) -> dict[str, Tensor]:
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
