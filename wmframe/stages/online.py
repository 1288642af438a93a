"""The online stage: simulators fill a replay while the agent learns from it.

One turn: send actions, take the updates that are due while the simulators step, receive their
rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from wmframe.config import Part
from wmframe.data.replay import load_episodes
from wmframe.envs.vector import Simulators
from wmframe.interfaces.models import Agent
from wmframe.interfaces.stage import Stage
from wmframe.interfaces.suite import EnvSuite
from wmframe.stages.collector import Collector
from wmframe.stages.config import CheckpointConfig, EvaluationConfig, ReplayConfig
from wmframe.stages.context import StageContext
from wmframe.stages.episodes import REPLAY, episode_figures, open_replay
from wmframe.stages.estimate import (
    learner_memory,
    parameter_counts,
    replay_disk,
    replay_row,
    suite_specs,
)
from wmframe.stages.evaluate import Evaluation, evaluate_suite
from wmframe.stages.learning import LearningRun
from wmframe.stages.schedule import Pace, TrainSchedule
from wmframe.stages.specs import Specs
from wmframe.stages.videos import open_loop
from wmframe.training.rng import isolated, seed_everything
from wmframe.types import Episode, Estimate


@attrs.frozen
class OnlineStage(Stage):
    """Settings as in :class:`~wmframe.stages.config.OnlineConfig`."""

    suite: Part
    agent: Part
    env_steps: int
    prefill: int
    pretrain: int
    train_ratio: float
    simulators: int
    processes: bool
    replay: ReplayConfig
    episodes: str | None
    evaluation: EvaluationConfig
    checkpoint: CheckpointConfig
    log_every: int
    init: str | None
    init_strict: bool

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Learn until ``env_steps``; see :class:`~wmframe.interfaces.Stage`."""
        seed_everything(context.seed)
        suite: EnvSuite = self.suite.build()
        sims = Simulators(suite, self.simulators, context.seed, processes=self.processes)
        try:
            run = OnlineRun(self, context, suite, sims)
            return run.run(self.init, strict=self.init_strict)
        finally:
            sims.close()

    def estimate(self) -> Estimate:
        """See :class:`~wmframe.interfaces.Stage`; the agent is built once."""
        suite: EnvSuite = self.suite.build()
        specs = suite_specs(suite)
        agent: Agent = specs.build(self.agent)
        row, decisions = replay_row(specs), self.env_steps // suite.action_repeat
        return Estimate(
            parameters=parameter_counts(agent),
            disk=replay_disk(row, self.replay.capacity, decisions),
            memory=learner_memory(agent, row, self.replay.batch, self.replay.length),
        )

    def clips(self, folder: Path, count: int, length: int, seed: int) -> dict[str, np.ndarray]:
        """Windows of the replay; see :class:`~wmframe.interfaces.Stage`."""
        settings = attrs.evolve(self.replay, min_length=length, max_length=length)
        return open_replay(folder / REPLAY, settings, seed).sample(count, length)


class OnlineRun(LearningRun):
    """One execution of an online stage: simulators, replay and agent."""

    def __init__(
        self, settings: OnlineStage, context: StageContext, suite: EnvSuite, sims: Simulators
    ) -> None:
        specs = Specs(sims.obs, sims.codec.space)
        self.agent: Agent = specs.build(settings.agent)
        pace = Pace(
            "env_steps",
            settings.env_steps,
            log=settings.log_every,
            judge=settings.evaluation.every,
            save=settings.checkpoint.every,
        )
        super().__init__(context, self.agent, pace, keep=settings.checkpoint.keep)
        self.settings = settings
        self.suite = suite
        self.learning_since: int | None = None
        self.replay = open_replay(context.folder / REPLAY, settings.replay, context.seed)
        self.collector = Collector(sims, self.take_episode, context.seed, context.device)
        specs.save(context.folder)

    def open(self) -> None:
        """Set aside what a run killed before its first checkpoint had, begin with what is given."""
        self.replay.set_aside()
        if self.settings.episodes is not None:
            for episode in load_episodes(self.context.source(self.settings.episodes) / REPLAY):
                self.replay.add(episode)

    def turn(self) -> None:
        """One decision of every simulator, and the updates that are due meanwhile."""
        schedule = self.train_schedule()
        self.collector.send(self.agent, "random" if schedule is None else "train")
        if schedule is not None:
            for _ in range(schedule.due(self.counters.agent_steps, self.counters.updates)):
                self.update()
        with self.meters.watch("simulator"):
            decisions = self.collector.receive()
        self.count(env_steps=decisions * self.suite.action_repeat, agent_steps=decisions)
        self.context.hub.tick(self.counters)

    def train_schedule(self) -> TrainSchedule | None:
        """The schedule of updates; None while the prefill lasts or no episode is long enough."""
        if self.learning_since is None:
            if self.counters.env_steps < self.settings.prefill or not self.replay.ready:
                return None
            self.learning_since = self.counters.agent_steps
        return TrainSchedule(self.settings.train_ratio, self.settings.pretrain, self.learning_since)

    def sample(self) -> Mapping[str, np.ndarray]:
        """Windows from the replay."""
        return self.replay.sample(self.settings.replay.batch, self.settings.replay.length)

    def take_episode(self, episode: Episode) -> None:
        """Keep a finished episode and report it."""
        self.replay.add(episode)
        self.count(episodes=1)
        figures = episode_figures(episode)
        if self.learning_since is None:
            figures["prefill/return"] = figures["episode/return"]
        self.report(figures)

    def evaluate(self) -> None:
        """Judge the agent on episodes of their own."""
        settings = self.settings.evaluation
        evaluation = evaluate_suite(
            self.agent,
            self.suite,
            episodes=settings.episodes,
            simulators=settings.simulators,
            processes=self.settings.processes,
            seed=self.context.seed + self.counters.env_steps,
            device=self.context.device,
        )
        self.report({f"eval/{name}": value for name, value in evaluation.summary().items()})
        if settings.videos:
            self.record_videos(evaluation)

    def record_videos(self, evaluation: Evaluation) -> None:
        """The first evaluation episode, and the model's open-loop prediction of a window."""
        self.context.hub.video(self.counters, "eval_policy", evaluation.frames_THWC)
        if self.batch:
            with isolated(self.context.seed):
                self.show("open_loop", open_loop(self.agent, self.batch))

    def own_figures(self) -> dict[str, float]:
        """What the replay holds and how often a simulator had to be restarted."""
        return {
            "replay/steps": self.replay.steps,
            "replay/episodes": self.replay.episodes,
            "simulators/restarts": self.collector.simulators.restarts,
        }

    def own_state(self) -> dict[str, Any]:
        """Replay, simulators, and when learning began."""
        return {
            "learning_since": self.learning_since,
            "collector": self.collector.state(),
            "replay": self.replay.state(),
        }

    def restore_own(self, state: Mapping[str, Any]) -> None:
        """Simulators replay the episodes that they were in."""
        self.learning_since = state["learning_since"]
        self.replay.restore(state["replay"])
        initial = self.agent.initial_state(self.collector.simulators.count)
        self.collector.restore(state["collector"], initial)
