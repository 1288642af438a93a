"""Evaluate an agent: run episodes by its policy and summarise their returns and scores."""

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
"""Keeps the seeds of evaluation episodes apart from those of training."""

FILM: Final = 20_000
"""Frames that are kept of the first episode."""


@attrs.frozen
class Evaluation:
    """Episodes in the order of their seeds; pictures are those of the first one alone."""

    episodes: tuple[Episode, ...]

    def summary(self) -> dict[str, float]:
        """``return_mean``, ``return_std``, ``length_mean`` and ``NAME_mean`` of each score.

        ``unfinished`` counts episodes that were cut off; they have no scores.
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
        """What the first episode looked like, uint8; None if the benchmark shows no pictures.

        Its first :data:`FILM` frames.
        """
        data = self.episodes[0].data
        return np.asarray(data["image"]) if "image" in data else None


class Spectator(Collector):
    """Keeps pictures of the first episode alone, so that long evaluations take little memory."""

    def keep_of(self, index: int, rows: Rows) -> Row:
        """Pictures, and all else that is an array of more than one dimension, are left out."""
        filmed = index == 0 and rows.episode[0] == 0 and len(self._partial[0]) < FILM
        wanted = {key: value for key, value in rows.data.items() if filmed or value.ndim <= 2}
        return {key: value[index].copy() for key, value in wanted.items()}


def tell_nobody(_: str) -> None:
    """Take the place of what would tell somebody how far an evaluation is."""


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

    The global random state is left as it was found, so evaluating never alters training.

    Args:
        agent: None acts at random.
        simulators: fresh ones; simulator i runs every N-th episode.
        episodes: how many to finish.
        seed: fixes what the policy draws.
        device: where the agent computes.
        mode: how it acts.
        max_steps: decisions after which an episode is cut off.
        tell: is told at every turn how far it is.
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
    """Evaluate what a run or one of its stages has learnt so far, without training.

    Code that the run of a stranger would have executed is refused without ``trust``.

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
