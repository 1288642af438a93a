"""Judge an agent: run episodes by a policy and summarise their returns and scores."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np

from wmframe.envs.vector import Simulators
from wmframe.interfaces.models import Agent
from wmframe.interfaces.stage import Stage
from wmframe.interfaces.suite import EnvSuite
from wmframe.stages.collector import Collector
from wmframe.stages.context import StageContext
from wmframe.training.rng import isolated
from wmframe.types import Counters, Episode, Mode

EVALUATION_STREAM = 1
"""Keeps the seeds of evaluation episodes apart from those of training."""


@attrs.frozen
class Evaluation:
    """Finished episodes, in the order of their seeds."""

    episodes: tuple[Episode, ...]

    def summary(self) -> dict[str, float]:
        """``return_mean``, ``return_std``, ``length_mean`` and ``NAME_mean`` of each score."""
        returns = [episode.data["reward"].sum(dtype=np.float64) for episode in self.episodes]
        lengths = [episode.length - 1 for episode in self.episodes]
        names = self.episodes[0].scores
        scores = {f"{n}_mean": np.mean([e.scores[n] for e in self.episodes]) for n in names}
        figures = {
            "return_mean": np.mean(returns),
            "return_std": np.std(returns),
            "length_mean": np.mean(lengths),
            "episodes": len(self.episodes),
            **scores,
        }
        return {name: float(value) for name, value in figures.items()}

    @property
    def frames_THWC(self) -> np.ndarray | None:
        """What the first episode looked like, uint8; None if the benchmark shows no pictures."""
        data = self.episodes[0].data
        return np.asarray(data["image"]) if "image" in data else None


def evaluate(
    agent: Agent | None,
    simulators: Simulators,
    *,
    episodes: int,
    seed: int,
    device: str,
    mode: Mode = "eval",
) -> Evaluation:
    """Run whole episodes; the simulators' next ones, so the same seeds give the same episodes.

    The global random state is left as it was found, so evaluating never alters training.

    Args:
        agent: None acts at random.
        simulators: fresh ones; simulator i runs every N-th episode.
        episodes: how many to finish.
        seed: fixes what the policy draws.
        device: where the agent computes.
        mode: how it acts.
    """
    finished: list[Episode] = []
    quota = -(-episodes // simulators.count)
    wanted = [(w, n) for n in range(quota) for w in range(simulators.count)][:episodes]
    collector = Collector(simulators, finished.append, seed, device)
    if agent is not None:
        agent.prepare()
    with isolated(seed):
        while not set(wanted) <= {(e.worker, e.number) for e in finished}:
            collector.send(agent, mode)
            collector.receive()
    by_seed = {(e.worker, e.number): e for e in finished}
    return Evaluation(tuple(by_seed[key] for key in wanted))


def evaluate_suite(
    agent: Agent | None,
    suite: EnvSuite,
    *,
    episodes: int,
    simulators: int,
    processes: bool,
    seed: int,
    device: str,
    mode: Mode = "eval",
) -> Evaluation:
    """Build simulators, :func:`evaluate` on them and close them."""
    stream = int(np.random.SeedSequence([seed, EVALUATION_STREAM]).generate_state(1)[0])
    sims = Simulators(suite, min(simulators, episodes), stream, mode="eval", processes=processes)
    try:
        return evaluate(agent, sims, episodes=episodes, seed=stream, device=device, mode=mode)
    finally:
        sims.close()


class EvaluateStage(Stage):
    """Evaluates the agent of an earlier stage and records figures and a video."""

    def __init__(
        self, source: str, episodes: int, simulators: int, processes: bool, policy: Mode
    ) -> None:
        self.source = source
        self.episodes = episodes
        self.simulators = simulators
        self.processes = processes
        self.policy = policy

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
        )
        context.hub.start(Counters())  # what was found before is found anew
        named = {f"eval/{name}": value for name, value in figures.items()}
        context.hub.scalars(counters, named)
        context.hub.video(counters, "eval_policy", evaluation.frames_THWC)
        return named


def evaluate_run(
    folder: Path,
    *,
    episodes: int = 10,
    simulators: int = 1,
    processes: bool = True,
    seed: int = 0,
    device: str = "auto",
    mode: Mode = "eval",
) -> tuple[dict[str, float], Evaluation, Counters]:
    """Evaluate what a run or one of its stages has learnt so far, without training.

    Returns:
        the summary, the episodes, and how far training was.
    """
    from wmframe.loading import load

    loaded = load(folder, device=device)
    evaluation = evaluate_suite(
        loaded.agent,
        loaded.suite,
        episodes=episodes,
        simulators=simulators,
        processes=processes,
        seed=seed,
        device=loaded.device,
        mode=mode,
    )
    return evaluation.summary(), evaluation, loaded.counters
