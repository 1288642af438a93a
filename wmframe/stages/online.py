"""The online stage: simulators fill a replay while the agent learns from it.

One turn: send actions, take the updates that are due while the simulators step, receive their
rows. Everything that happens on a schedule depends on the counters alone, and a checkpoint holds
all state, so that a resumed run goes on as the unbroken one would have.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
from torch import Tensor

from wmframe.config import Part
from wmframe.envs.vector import Simulators
from wmframe.interfaces.models import Agent
from wmframe.interfaces.stage import Stage
from wmframe.interfaces.suite import EnvSuite
from wmframe.stages.collector import Collector
from wmframe.stages.config import CheckpointConfig, EvaluationConfig, ReplayConfig
from wmframe.stages.context import StageContext
from wmframe.stages.episodes import episode_figures, open_replay, to_device
from wmframe.stages.evaluate import Evaluation, evaluate_suite
from wmframe.stages.meters import Meters
from wmframe.stages.schedule import Every, TrainSchedule
from wmframe.stages.specs import Specs
from wmframe.stages.videos import open_loop_frames
from wmframe.training.checkpoint import (
    CheckpointStore,
    load_extra,
    load_learner,
    newest_checkpoint,
    restore_rng,
)
from wmframe.training.rng import isolated, seed_everything
from wmframe.types import Counters, Episode


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
    evaluation: EvaluationConfig
    checkpoint: CheckpointConfig
    log_every: int
    init: str | None

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Learn until ``env_steps``; see :class:`~wmframe.interfaces.Stage`."""
        seed_everything(context.seed)
        suite: EnvSuite = self.suite.build()
        sims = Simulators(suite, self.simulators, context.seed, processes=self.processes)
        try:
            return OnlineRun(self, context, suite, sims).run()
        finally:
            sims.close()


class OnlineRun:
    """One execution of an online stage: its parts, its counters and its loop."""

    def __init__(
        self, settings: OnlineStage, context: StageContext, suite: EnvSuite, sims: Simulators
    ) -> None:
        self.settings = settings
        self.context = context
        self.suite = suite
        self.counters = Counters()
        self.learning_since: int | None = None
        self.figures: dict[str, float] = {}
        self.batch: dict[str, Tensor] = {}
        self.meters = Meters(context.hub)
        self.replay = open_replay(context.folder / "replay", settings.replay, context.seed)
        self.collector = Collector(sims, self.take_episode, context.seed, context.device)
        self.agent: Agent = settings.agent.build(obs=sims.obs, action=sims.codec.spec)
        self.agent.to(context.device)
        self.store = CheckpointStore(context.folder / "checkpoints", keep=settings.checkpoint.keep)
        Specs(sims.obs, sims.codec.space).save(context.folder)
        self.begin()

    def begin(self) -> None:
        """Go on from the last checkpoint, or start with the weights that ``init`` names."""
        latest = self.store.latest()
        if latest is not None:
            self.restore(latest)
        else:
            self.replay.set_aside()  # what a run killed before its first checkpoint had collected
            if self.settings.init is not None:
                source = newest_checkpoint(self.context.source(self.settings.init))
                load_learner(source, self.agent, optimizers=False)
        steps = self.counters.env_steps
        self.log = Every.after(self.settings.log_every, steps)
        self.judge = Every.after(self.settings.evaluation.every, steps)
        self.save = Every.after(self.settings.checkpoint.every, steps)

    def run(self) -> dict[str, float]:
        """Turn until the budget is spent; the last figures come back."""
        budget = self.settings.env_steps
        self.context.hub.start(self.counters, Counters(env_steps=budget))
        while self.counters.env_steps < budget:
            self.turn()
            finished = self.counters.env_steps >= budget
            if self.log.due(self.counters.env_steps) or finished:
                self.figures |= self.meters.flush(self.counters, self.replay_figures())
            if self.judge.due(self.counters.env_steps) or finished:
                self.evaluate()
            if self.save.due(self.counters.env_steps) or finished:
                self.write_checkpoint()
        return self.figures

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

    def update(self) -> None:
        """One gradient step on fresh windows; nothing is read back from the device."""
        with self.meters.watch("data"):
            sample = self.replay.sample(self.settings.replay.batch, self.settings.replay.length)
            self.batch = to_device(sample, self.context.device)
        with self.meters.watch("learner"):
            self.meters.add(self.agent.update(self.batch))
        self.count(updates=1)
        self.context.hub.tick(self.counters)

    def take_episode(self, episode: Episode) -> None:
        """Keep a finished episode and report it."""
        self.replay.add(episode)
        self.count(episodes=1)
        figures = episode_figures(episode)
        if self.learning_since is None:
            figures["prefill/return"] = figures["episode/return"]
        self.figures |= figures
        self.context.hub.scalars(self.counters, figures)

    def evaluate(self) -> None:
        """Judge the agent on episodes of their own; training goes on as if it had not happened."""
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
        figures = {f"eval/{name}": value for name, value in evaluation.summary().items()}
        self.figures |= figures
        self.context.hub.scalars(self.counters, figures)
        if settings.videos:
            self.record_videos(evaluation)

    def record_videos(self, evaluation: Evaluation) -> None:
        """The first evaluation episode, and the model's open-loop prediction of a window."""
        self.context.hub.video(self.counters, "eval_policy", evaluation.frames_THWC)
        if self.batch:
            with isolated(self.context.seed):
                frames_THWC = open_loop_frames(self.agent, self.batch)
            self.context.hub.video(self.counters, "open_loop", frames_THWC)

    def count(self, **more: int) -> None:
        """Advance the counters."""
        now = {name: getattr(self.counters, name) + step for name, step in more.items()}
        self.counters = attrs.evolve(self.counters, **now)

    def replay_figures(self) -> dict[str, float]:
        """What the replay holds and how often a simulator had to be restarted."""
        return {
            "replay/steps": self.replay.steps,
            "replay/episodes": self.replay.episodes,
            "simulators/restarts": self.collector.simulators.restarts,
        }

    def write_checkpoint(self) -> None:
        """Save everything that :meth:`restore` needs, visible at once or not at all."""
        extra = {
            "counters": attrs.asdict(self.counters),
            "learning_since": self.learning_since,
            "figures": self.figures,
            "collector": self.collector.state(),
            "replay": self.replay.state(),
            "meters": self.meters.state(),
        }
        folder = self.store.save(self.counters.env_steps, self.agent, extra)
        self.context.emit("checkpoint_saved", stage=self.context.name, folder=folder)

    def restore(self, folder: Path) -> None:
        """Go on from a checkpoint of this stage."""
        load_learner(folder, self.agent)
        extra = load_extra(folder)
        self.counters = Counters(**extra["counters"])
        self.learning_since = extra["learning_since"]
        self.figures = dict(extra["figures"])
        self.replay.restore(extra["replay"])
        self.meters.restore(extra["meters"], self.context.device)
        initial = self.agent.initial_state(self.collector.simulators.count)
        self.collector.restore(extra["collector"], initial)
        restore_rng(folder)
