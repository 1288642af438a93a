"""The online stage: simulators fill a replay while the agent learns from it.

One turn: send actions, take the updates that are due while the simulators step, receive their
rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from wmframe.data.replay import load_episodes, rows_on_disk
from wmframe.envs.vector import Simulators
from wmframe.interfaces.context import StageContext
from wmframe.interfaces.models import Agent
from wmframe.interfaces.stage import LearnerSetup, Stage
from wmframe.interfaces.suite import EnvSuite
from wmframe.parallel.collectives import all_reduce_sum, all_true, gather
from wmframe.parallel.world import is_main, per_rank, rank, size
from wmframe.stages.config import OnlineConfig
from wmframe.stages.evaluation.pictures import open_loop, record
from wmframe.stages.evaluation.rollouts import Evaluation, evaluate_suite
from wmframe.stages.loop.collector import Collector
from wmframe.stages.loop.episodes import (
    episode_figures,
    look_into,
    newest_replays,
    open_replay,
    own_part,
    replay_folder,
    replay_folders,
)
from wmframe.stages.loop.estimate import (
    learner_memory,
    parameter_counts,
    replay_disk,
    replay_row,
    suite_specs,
)
from wmframe.stages.loop.learning import LearningRun
from wmframe.stages.loop.reach import require_room_to_learn, require_updates, waiting_for_episodes
from wmframe.stages.loop.reshard import collector_part, episodes_part
from wmframe.stages.loop.schedule import Pace, TrainSchedule
from wmframe.stages.loop.specs import Specs
from wmframe.training.precision import act_in
from wmframe.training.rng import isolated, process_seed, seed_everything
from wmframe.types import Episode, Estimate


class OnlineStage(Stage):
    """Settings as in :class:`~wmframe.stages.config.OnlineConfig`."""

    parallel = True

    def __init__(self, config: OnlineConfig) -> None:
        self.config = config

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Learn until ``env_steps``; see :class:`~wmframe.interfaces.Stage`."""
        count = per_rank(self.config.simulators, f"stages.{context.name}.simulators")
        per_rank(self.config.replay.batch, f"stages.{context.name}.replay.batch")
        seed_everything(context.seed)
        suite: EnvSuite = self.config.suite.build()
        require_room_to_learn(self.config, suite.action_repeat)
        first = rank() * count
        sims = Simulators(suite, count, context.seed, processes=self.config.processes, first=first)
        try:
            run = OnlineRun(self.config, context, suite, sims)
            return run.run(self.config.init, strict=self.config.init_strict)
        finally:
            sims.close()

    def estimate(self) -> Estimate:
        """See :class:`~wmframe.interfaces.Stage`; the agent is built once."""
        suite: EnvSuite = self.config.suite.build()
        require_room_to_learn(self.config, suite.action_repeat)
        specs = suite_specs(suite)
        agent: Agent = specs.build(self.config.agent)
        row, decisions = replay_row(specs), self.config.env_steps // suite.action_repeat
        return Estimate(
            parameters=parameter_counts(agent),
            disk=replay_disk(row, self.config.replay.capacity, decisions),
            memory=learner_memory(agent, row, self.config.replay.batch, self.config.replay.length),
        )

    def learner_setup(self) -> LearnerSetup:
        """See :class:`~wmframe.interfaces.Stage`."""
        return LearnerSetup(
            self.config.agent,
            self.config.replay.batch,
            self.config.replay.length,
            lambda: suite_specs(self.config.suite.build()),
            suite=self.config.suite,
            processes=self.config.processes,
        )

    def clips(self, folder: Path, count: int, length: int, seed: int) -> dict[str, np.ndarray]:
        """Windows of the replay; see :class:`~wmframe.interfaces.Stage`."""
        folders = newest_replays(folder)
        settings = own_part(self.config.replay, len(folders))
        return look_into(folders[0], settings, count, length, seed)


class OnlineRun(LearningRun):
    """One execution of an online stage: simulators, replay and agent.

    Of several processes, each has a part of the simulators and the replay of their episodes;
    counters and metrics are totals.
    """

    def __init__(
        self, settings: OnlineConfig, context: StageContext, suite: EnvSuite, sims: Simulators
    ) -> None:
        specs = Specs(sims.obs, sims.codec.space)
        self.agent: Agent = specs.build(settings.agent)
        pace = Pace(
            "env_steps",
            settings.env_steps,
            log=settings.log_every,
            evaluate=settings.evaluation.every,
            save=settings.checkpoint.every,
        )
        super().__init__(context, self.agent, pace, keep=settings.checkpoint.keep)
        self.settings = settings
        self.suite = suite
        self.learning_since: int | None = None
        self.share = own_part(settings.replay, size())
        self.replay = open_replay(
            replay_folder(context.folder), self.share, process_seed(context.seed)
        )
        policy = self.captured(act_in(self.agent, context.device, context.precision), "the policy")
        self.collector = Collector(
            sims,
            self.take_episode,
            context.seed,
            context.device,
            policy,
            limit=rows_on_disk(self.share.capacity) - 1,
        )
        self.told_of_waiting = False
        self.finished: list[dict[str, float]] = []
        if is_main():
            specs.save(context.folder)

    def open(self) -> None:
        """Discard leftovers of a run killed before its first checkpoint, add the given episodes."""
        self.replay.set_aside()
        if self.settings.episodes is not None:
            folders = newest_replays(self.context.source(self.settings.episodes))
            given = chain.from_iterable(map(load_episodes, folders))
            for episode in islice(given, rank(), None, size()):
                self.replay.add(episode)

    def loop(self) -> None:
        """See :class:`LearningRun`; the agent prepares to act with its initial weights."""
        self.agent.prepare()
        super().loop()

    def turn(self) -> None:
        """One decision of every simulator, and the updates that are due meanwhile."""
        schedule = self.train_schedule()
        due = schedule.due(self.counters.agent_steps, self.counters.updates) if schedule else 0
        if due > 0:
            self.prefetcher.begin()
        self.collector.send(self.agent, "random" if schedule is None else "train")
        for left in reversed(range(due)):
            self.update()
            if left:
                self.prefetcher.begin()
        if due > 0:
            self.agent.prepare()
        with self.meters.watch("simulator"):
            decisions, episodes = all_reduce_sum([self.collector.receive(), len(self.finished)])
        if episodes:
            self.report_episodes()
        decisions = int(decisions)
        self.count(env_steps=decisions * self.suite.action_repeat, agent_steps=decisions)
        self.context.hub.tick(self.counters)

    def train_schedule(self) -> TrainSchedule | None:
        """The schedule of updates; None while the prefill lasts or no episode is long enough."""
        if self.learning_since is None:
            if self.counters.env_steps < self.settings.prefill or not all_true(self.replay.ready):
                return None
            self.learning_since = self.counters.agent_steps
        return TrainSchedule(self.settings.train_ratio, self.settings.pretrain, self.learning_since)

    def sample(self) -> Mapping[str, np.ndarray]:
        """Windows from the replay."""
        return self.replay.sample(self.share.batch, self.share.length)

    def take_episode(self, episode: Episode) -> None:
        """Keep a finished episode; it is reported at the end of the turn."""
        self.replay.add(episode)
        figures = episode_figures(episode)
        if self.learning_since is None:
            figures["prefill/return"] = figures["episode/return"]
        self.finished.append(figures)

    def report_episodes(self) -> None:
        """Count and report the episodes of this turn, in the order of all simulators."""
        for figures in chain.from_iterable(gather(self.finished)):
            self.count(episodes=1)
            self.report(figures)
        self.finished = []

    def evaluate(self) -> None:
        """Evaluate the agent on separate episodes."""
        settings = self.settings.evaluation
        evaluation = evaluate_suite(
            self.agent,
            self.suite,
            episodes=settings.episodes,
            simulators=settings.simulators,
            processes=self.settings.processes,
            seed=self.context.seed + self.counters.env_steps,
            device=self.context.device,
            max_steps=settings.max_steps,
            tell=self.context.hub.note,
        )
        self.report({f"eval/{name}": value for name, value in evaluation.summary().items()})
        if settings.videos:
            self.record_videos(evaluation)

    def record_videos(self, evaluation: Evaluation) -> None:
        """The first evaluation episode, and the model's open-loop prediction of a window."""
        self.context.hub.video(self.counters, "eval_policy", evaluation.frames_THWC)
        if self.batch:
            with isolated(self.context.seed):
                prediction = open_loop(self.agent, self.batch)
                record(self.context, self.counters, "open_loop", prediction)

    def conclude(self) -> None:
        """A budget that led to no update is an error."""
        require_updates(self.settings, self.counters, self.learning_since is not None)

    def own_figures(self) -> dict[str, float]:
        """Size of the replay and number of simulator restarts."""
        if self.counters.env_steps > self.settings.prefill and not self.replay.ready:
            self.tell_of_waiting()
        figures = {
            "replay/steps": self.replay.steps,
            "replay/episodes": self.replay.episodes,
            "simulators/restarts": self.collector.simulators.restarts,
        }
        return dict(zip(figures, all_reduce_sum(figures.values()), strict=True))

    def tell_of_waiting(self) -> None:
        """Warn once that updates wait for an episode."""
        if is_main() and not self.told_of_waiting:
            warnings.warn(waiting_for_episodes(self.settings), stacklevel=2)
        self.told_of_waiting = True

    def own_state(self) -> dict[str, Any]:
        """Replay, simulators, and when learning began."""
        return {
            "learning_since": self.learning_since,
            "collector": self.collector.state(),
            "replay": self.replay.state(),
        }

    def restore_own(self, state: Mapping[str, Any]) -> None:
        """Simulators replay their unfinished episodes."""
        self.learning_since = state["learning_since"]
        self.replay.restore(state["replay"])
        initial = self.agent.initial_state(self.collector.simulators.count)
        self.collector.restore(state["collector"], initial)

    def reshard(self, states: Sequence[Mapping[str, Any]]) -> None:
        """Simulators replay their unfinished episodes; complete ones are resharded."""
        self.learning_since = states[0]["learning_since"]
        folders = replay_folders(self.context.folder, len(states))
        seed = process_seed(self.context.seed, self.position)
        self.replay.begin_with(episodes_part(folders, [s["replay"] for s in states]), seed)
        simulators = self.collector.simulators
        collected = collector_part([s["collector"] for s in states], simulators)
        self.collector.restore(collected, self.agent.initial_state(simulators.count))
