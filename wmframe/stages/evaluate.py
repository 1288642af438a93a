"""The evaluate stage: run episodes with an agent of an earlier stage, without learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from wmframe.interfaces.context import STAGE_PREFIX, StageContext
from wmframe.interfaces.stage import Stage
from wmframe.stages.config import EvaluateConfig
from wmframe.stages.evaluation.rollouts import evaluate_run
from wmframe.types import Counters, Mode


class EvaluateStage(Stage):
    """Evaluates the agent of an earlier stage and records metrics and a video."""

    def __init__(self, config: EvaluateConfig) -> None:
        self.config = config

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Run the episodes; see :class:`~wmframe.interfaces.Stage`."""
        config = self.config
        figures, evaluation, counters = evaluate_run(
            context.source(config.source),
            episodes=config.episodes,
            simulators=config.simulators,
            processes=config.processes,
            seed=context.seed,
            device=context.device,
            mode=cast(Mode, config.policy),
            max_steps=config.max_steps,
            tell=context.hub.note,
            trust=config.trust or config.source.startswith(STAGE_PREFIX),
        )
        context.hub.start(Counters())  # earlier results are computed again
        named = {f"eval/{name}": value for name, value in figures.items()}
        context.hub.scalars(counters, named)
        context.hub.video(counters, "eval_policy", evaluation.frames_THWC)
        return named
