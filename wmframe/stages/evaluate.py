"""The evaluate stage: run episodes with an agent of an earlier stage, without learning."""

from __future__ import annotations

from collections.abc import Mapping

from wmframe.interfaces.context import STAGE_PREFIX, StageContext
from wmframe.interfaces.stage import Stage
from wmframe.stages.config import MAX_STEPS
from wmframe.stages.evaluation.rollouts import evaluate_run
from wmframe.types import Counters, Mode


class EvaluateStage(Stage):
    """Evaluates the agent of an earlier stage and records metrics and a video."""

    def __init__(
        self,
        source: str,
        episodes: int,
        simulators: int,
        processes: bool,
        policy: Mode,
        max_steps: int = MAX_STEPS,
        trust: bool = False,
    ) -> None:
        self.source = source
        self.episodes = episodes
        self.simulators = simulators
        self.processes = processes
        self.policy = policy
        self.max_steps = max_steps
        self.trust = trust

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Run the episodes; see :class:`~wmframe.interfaces.Stage`."""
        figures, evaluation, counters = evaluate_run(
            context.source(self.source),
            episodes=self.episodes,
            simulators=self.simulators,
            processes=self.processes,
            seed=context.seed,
            device=context.device,
            mode=self.policy,
            max_steps=self.max_steps,
            tell=context.hub.note,
            trust=self.trust or self.source.startswith(STAGE_PREFIX),
        )
        context.hub.start(Counters())  # earlier results are computed again
        named = {f"eval/{name}": value for name, value in figures.items()}
        context.hub.scalars(counters, named)
        context.hub.video(counters, "eval_policy", evaluation.frames_THWC)
        return named
