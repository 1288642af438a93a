"""``wmframe bench act``: decisions per second, and the latency of a decision.

Each number of simulators is measured with the benchmark's simulators and with blank ones that have
the same spaces and take no time; the two are interleaved.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.bench.batches import learner_setups
from wmframe.bench.device import describe
from wmframe.bench.figures import Line, line, spread, take_turns
from wmframe.envs.blank import BlankSuite
from wmframe.envs.vector import Simulators
from wmframe.errors import UsageError
from wmframe.interfaces.models import Agent
from wmframe.interfaces.stage import LearnerSetup
from wmframe.interfaces.suite import EnvSuite
from wmframe.nn.precision import resolve_precision
from wmframe.recipe import Recipe, load_recipe
from wmframe.stages.loop.collector import Collector
from wmframe.stages.loop.specs import Specs
from wmframe.stages.run import choose_device
from wmframe.training.capture import captured
from wmframe.training.precision import act_in
from wmframe.training.rng import seed_everything
from wmframe.types import Mode

COUNTS: Final = (1, 2, 4, 8, 16)
"""Numbers of simulators."""

SECONDS: Final = 1.0
"""Of a round of one case."""

WARM_UP: Final = 3
"""Warm-up turns: the first one begins the episodes."""


@attrs.frozen
class ActingCase:
    """An agent and its benchmark.

    Attributes:
        path: the recipe, or the name of one that comes with wmframe.
        profile: of the recipe.
        overrides: as ``--set`` has them.
        stage: of the recipe; its first that acts if there is none.
        device: instead of the recipe's.
        threads: instead of the recipe's.
        policy: ``train``, ``eval``, or ``random`` for the simulators alone.
    """

    path: Path
    profile: str | None = None
    overrides: tuple[str, ...] = ()
    stage: str | None = None
    device: str | None = None
    threads: int | None = None
    policy: Mode = "train"

    def open(self) -> tuple[Recipe, LearnerSetup]:
        """The recipe with this case's device and threads, and what its stage trains.

        Raises:
            UsageError: the recipe has no such stage.
        """
        recipe = load_recipe(self.path, self.profile, self.overrides)
        recipe = attrs.evolve(
            recipe, device=self.device or recipe.device, threads=self.threads or recipe.threads
        )
        acting = {name: setup for name, setup in learner_setups(recipe).items() if setup.suite}
        chosen = self.stage or next(iter(acting), None)
        if chosen not in acting:
            known = ", ".join(acting) or "none"
            raise UsageError(
                f"{recipe.name} has no stage that acts of that name", f"it has {known}"
            )
        return recipe, acting[chosen]


class ActingProbe:
    """Lets an agent act, turn by turn, as the online stage does.

    Args:
        simulators: whom it acts for.
        agent: who acts.
        device: where it computes.
        recipe: says in which precision, and whether decisions are captured.
        policy: how it acts.
    """

    def __init__(
        self, simulators: Simulators, agent: Agent, device: str, recipe: Recipe, policy: Mode
    ) -> None:
        self._agent, self._policy, self._count = agent, policy, simulators.count
        agent.prepare()
        lower = policy == "train"
        self.precision = resolve_precision(recipe.precision, device) if lower else "float32"
        act = captured(
            act_in(agent, device, self.precision),
            agent,
            device,
            enabled=recipe.cuda_graphs,
            name="the policy",
        )
        self._collector = Collector(simulators, lambda episode: None, 0, device, act)
        self.policy_s: list[float] = []
        self.turn_s: list[float] = []
        for _ in range(WARM_UP):
            self.turn()

    def turn(self) -> tuple[float, float]:
        """One decision of every simulator: seconds until it was sent, and until rows were back."""
        begun = time.perf_counter()
        self._collector.send(self._agent, self._policy)
        sent = time.perf_counter()
        self._collector.receive()
        return sent - begun, time.perf_counter() - begun

    def measure(self) -> list[float]:
        """Decisions per second of one round."""
        begun, turns = time.perf_counter(), 0
        while (spent := time.perf_counter() - begun) < SECONDS:
            policy, whole = self.turn()
            self.policy_s.append(policy)
            self.turn_s.append(whole)
            turns += 1
        return [turns * self._count / spent]


def measure_acting(case: ActingCase, counts: Sequence[int], rounds: int) -> Iterator[Line]:
    """A line for each number of simulators, of the benchmark and blank.

    Args:
        case: who acts where.
        counts: numbers of simulators N.
        rounds: how often each is measured.
    """
    recipe, setup = case.open()
    assert setup.suite is not None  # it acts
    device = choose_device(recipe)
    seed_everything(recipe.seed)
    suite: EnvSuite = setup.suite.build()
    agent: Agent | None = None
    for count in counts:
        with ExitStack() as stack:
            real = stack.enter_context(open_simulators(suite, count, processes=setup.processes))
            specs = Specs(real.obs, real.codec.space)
            double = BlankSuite.like(real.obs, real.codec.space, suite.action_repeat)
            blank = stack.enter_context(open_simulators(double, count, processes=setup.processes))
            agent = agent or specs.build(setup.agent).to(device)
            probes = {
                name: ActingProbe(some, agent, device, recipe, case.policy)
                for name, some in (("real", real), ("blank", blank))
            }
            figures = take_turns({name: probe.measure for name, probe in probes.items()}, rounds)
            for name, found in figures:
                about = {"simulators": count, "rendering": name, "policy": case.policy}
                yield summarize(case, found, probes[name], {**about, "device": device})


open_simulators = partial(Simulators, seed=0)


def summarize(
    case: ActingCase, figures: Sequence[float], probe: ActingProbe, about: dict[str, Any]
) -> Line:
    """The line of a case."""
    device = about.pop("device")
    profile = f":{case.profile}" if case.profile else ""
    words = f"{about['simulators']} {about['rendering']} {about['policy']}"
    made = line(
        "act",
        f"{case.path.stem}{profile} {words}",
        "decisions/s",
        figures,
        **about,
        policy_ms=spread(probe.policy_s, 1e3),
        turn_ms=spread(probe.turn_s, 1e3),
        precision=probe.precision,
        overrides=list(case.overrides),
    )
    return {**made, "machine": {**made["machine"], **describe(device)}}
