"""Fill a replay without learning, with random actions or a trained agent."""

from __future__ import annotations

from collections.abc import Mapping

from wmframe.data.replay import rows_on_disk
from wmframe.envs.vector import Simulators
from wmframe.errors import UsageError
from wmframe.interfaces.context import STAGE_PREFIX, StageContext
from wmframe.interfaces.stage import Stage
from wmframe.interfaces.suite import EnvSuite
from wmframe.stages.config import MAX_STEPS, CollectConfig, ReplayConfig
from wmframe.stages.evaluation.loading import load
from wmframe.stages.loop.collector import Collector
from wmframe.stages.loop.episodes import REPLAY, episode_figures, open_replay
from wmframe.stages.loop.estimate import replay_disk, replay_row, suite_specs
from wmframe.types import Counters, Episode, Estimate


class CollectStage(Stage):
    """Settings as in :class:`~wmframe.stages.config.CollectConfig`.

    A killed collection keeps its complete episodes and resumes after them.
    """

    def __init__(self, config: CollectConfig) -> None:
        self.config = config

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Collect until ``env_steps``; see :class:`~wmframe.interfaces.Stage`."""
        config = self.config
        suite: EnvSuite = config.suite.build()
        if config.capacity * suite.action_repeat < config.env_steps:
            raise UsageError(
                f"capacity {config.capacity} holds less than {config.env_steps} env steps",
                f"raise capacity to {-(-config.env_steps // suite.action_repeat)}",
            )
        replay = open_replay(
            context.folder / REPLAY, ReplayConfig(capacity=config.capacity), context.seed
        )

        def kept() -> Counters:  # of complete episodes: where a killed collection resumes
            steps = replay.steps
            return Counters(steps * suite.action_repeat, steps, 0, replay.episodes)

        counters = kept()
        figures: dict[str, float] = {}

        def keep(episode: Episode) -> None:
            replay.add(episode)
            figures.update(episode_figures(episode))
            context.hub.scalars(kept(), figures)

        agent = None
        if config.source is not None:
            trust = config.trust or config.source.startswith(STAGE_PREFIX)
            agent = load(context.source(config.source), device=context.device, trust=trust).agent
        context.hub.start(counters, Counters(env_steps=config.env_steps))
        seed = context.seed + replay.episodes
        sims = Simulators(suite, config.simulators, seed, processes=config.processes)
        longest = max(MAX_STEPS, config.env_steps // suite.action_repeat)
        limit = min(longest, rows_on_disk(config.capacity) - 1)
        collector = Collector(sims, keep, seed, context.device, limit=limit)
        if agent is not None:
            agent.prepare()
        try:
            while replay.steps * suite.action_repeat < config.env_steps:  # complete episodes count
                collector.send(agent, "train")
                decisions = collector.receive()
                counters = Counters(
                    counters.env_steps + decisions * suite.action_repeat,
                    counters.agent_steps + decisions,
                    0,
                    replay.episodes,
                )
                context.hub.tick(counters)
        finally:
            sims.close()
        return {**figures, "replay/steps": replay.steps, "replay/episodes": replay.episodes}

    def estimate(self) -> Estimate:
        """See :class:`~wmframe.interfaces.Stage`."""
        config = self.config
        suite: EnvSuite = config.suite.build()
        row, decisions = (
            replay_row(suite_specs(suite)),
            config.env_steps // suite.action_repeat,
        )
        return Estimate(disk=replay_disk(row, config.capacity, decisions))
