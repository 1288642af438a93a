"""Evaluate an agent: run episodes with its policy and summarise returns and scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs
import numpy as np

from wmframe.envs.vector import Rows, Simulators
from wmframe.interfaces.models import Agent
from wmframe.interfaces.suite import EnvSuite
from wmframe.stages.config import MAX_STEPS
from wmframe.stages.evaluation.loading import load
from wmframe.stages.loop.collector import Collector, Row
from wmframe.training.rng import isolated
from wmframe.types import Counters, Episode, Mode

EVALUATION_STREAM = 1
"""Separates the seeds of evaluation episodes from those of training."""

FILM: Final = 20_000
"""Number of frames kept of the first episode."""


@attrs.frozen
class Evaluation:
    """Episodes in the order of their seeds; only the first one has images."""

    episodes: tuple[Episode, ...]

    def summary(self) -> dict[str, float]:
        """``return_mean``, ``return_std``, ``length_mean`` and ``NAME_mean`` of each score.

        ``unfinished`` counts truncated episodes; they have no scores.
        """
        returns = [episode.data["reward"].sum(dtype=np.float64) for episode in self.episodes]
        lengths = [episode.length - 1 for episode in self.episodes]
        ended = [episode.scores for episode in self.episodes if episode.scores]
        names = ended[0] if ended else ()
        scores = {f"{name}_mean": np.mean([one[name] for one in ended]) for name in names}
        figures = {
            "return_mean": np.mean(returns),
            "return_std": np.std(returns),
            "length_mean": np.mean(lengths),
            "episodes": len(self.episodes),
            "unfinished": sum(not episode.data["is_last"][-1] for episode in self.episodes),
            **scores,
        }
        return {name: float(value) for name, value in figures.items()}

    @property
    def frames_THWC(self) -> np.ndarray | None:
        """Frames of the first episode, uint8; None if the benchmark has no images.

        Its first :data:`FILM` frames.
        """
        data = self.episodes[0].data
        return np.asarray(data["image"]) if "image" in data else None


class Spectator(Collector):
    """Keeps images of the first episode only, so that long evaluations take little memory."""

    def keep_of(self, index: int, rows: Rows) -> Row:
        """Images, and all other arrays of more than one dimension, are omitted."""
        filmed = index == 0 and rows.episode[0] == 0 and len(self._partial[0]) < FILM
        wanted = {key: value for key, value in rows.data.items() if filmed or value.ndim <= 2}
        return {key: value[index].copy() for key, value in wanted.items()}


def tell_nobody(_: str) -> None:
    """A progress callback that does nothing."""


def evaluate(
    agent: Agent | None,
    simulators: Simulators,
    *,
    episodes: int,
    seed: int,
    device: str,
    mode: Mode = "eval",
    max_steps: int = MAX_STEPS,
    tell: Callable[[str], object] = tell_nobody,
) -> Evaluation:
    """Run whole episodes; the simulators' next ones, so the same seeds give the same episodes.

    The global random state is restored, so evaluating never affects training.

    Args:
        agent: None acts at random.
        simulators: fresh ones; simulator i runs every N-th episode.
        episodes: how many to finish.
        seed: seeds the policy's random draws.
        device: where the agent computes.
        mode: how it acts.
        max_steps: decisions after which an episode is truncated.
        tell: progress callback, called at every turn.
    """
    finished: dict[tuple[int, int], Episode] = {}
    quota = -(-episodes // simulators.count)
    wanted = [(w, n) for n in range(quota) for w in range(simulators.count)][:episodes]

    def keep(episode: Episode) -> None:
        finished[episode.worker, episode.number] = episode

    collector = Spectator(simulators, keep, seed, device, limit=max_steps, cut=True)
    turns = 0
    if agent is not None:
        agent.prepare()
    with isolated(seed):
        while not finished.keys() >= set(wanted):
            collector.send(agent, mode)
            collector.receive()
            turns += 1
            tell(f"evaluating: {len(finished)} of {episodes} episodes ended, {turns:,} turns")
    return Evaluation(tuple(finished[key] for key in wanted))


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
    max_steps: int = MAX_STEPS,
    tell: Callable[[str], object] = tell_nobody,
) -> Evaluation:
    """Build simulators, :func:`evaluate` on them and close them."""
    stream = int(np.random.SeedSequence([seed, EVALUATION_STREAM]).generate_state(1)[0])
    sims = Simulators(suite, min(simulators, episodes), stream, mode="eval", processes=processes)
    try:
        return evaluate(
            agent,
            sims,
            episodes=episodes,
            seed=stream,
            device=device,
            mode=mode,
            max_steps=max_steps,
            tell=tell,
        )
    finally:
        sims.close()


def evaluate_run(
    folder: Path,
    *,
    episodes: int = 10,
    simulators: int = 1,
    processes: bool = True,
    seed: int = 0,
    device: str = "auto",
    mode: Mode = "eval",
    max_steps: int = MAX_STEPS,
    tell: Callable[[str], object] = tell_nobody,
    trust: bool = False,
) -> tuple[dict[str, float], Evaluation, Counters]:
    """Evaluate the newest checkpoint of a run or of one of its stages, without training.

    Code of an untrusted run is refused without ``trust``.

    Returns:
        the summary, the episodes, and how far training was.
    """
    loaded = load(folder, device=device, trust=trust)
    evaluation = evaluate_suite(
        loaded.agent,
        loaded.suite,
        episodes=episodes,
        simulators=simulators,
        processes=processes,
        seed=seed,
        device=loaded.device,
        mode=mode,
        max_steps=max_steps,
        tell=tell,
    )
    return evaluation.summary(), evaluation, loaded.counters
