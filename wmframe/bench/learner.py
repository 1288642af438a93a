"""``wmframe bench learner``: how long an update takes, and how much of that is arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from wmframe.bench.cases import LearnerCase
from wmframe.bench.figures import Line, line, rounded, take_turns
from wmframe.bench.process import Probe, ProbeProcess
from wmframe.errors import UsageError
from wmframe.recipe import load_recipe
from wmframe.recipe.files import SHIPPED
from wmframe.suggest import suggest

SMALL: Final = "tiny"
"""The profile of the shipped cases that is measured where there is no GPU."""


def learner_cases(
    recipes: Sequence[Path],
    profiles: Sequence[str] = (),
    stages: Sequence[str] = (),
    **also: Any,
) -> list[LearnerCase]:
    """The cases of some recipes: each profile of each, each stage that updates a learner.

    Args:
        recipes: paths or names; those that ship for this purpose if there are none.
        profiles: of each recipe; of those that ship, where they have it. Without any, recipes are
            taken as they are, but those that ship in the profile for CPUs if there is no GPU.
        stages: names; every stage that updates a learner if there are none.
        also: further attributes of the cases.

    Raises:
        UsageError: no recipe has a stage of such a name that updates a learner, or two cases have
            one name.
    """
    from wmframe.bench.batches import learner_setups

    cases, known = [], set[str]()
    for path in recipes or shipped_cases():
        for profile in chosen_profiles(path, profiles, bool(recipes), also.get("device")):
            recipe = load_recipe(path, profile, also.get("overrides", ()))
            names = list(learner_setups(recipe))
            known.update(names)
            chosen = [name for name in names if name in (stages or names)]
            cases += [LearnerCase(path, name, profile, **also) for name in chosen]
    absent = next((name for name in stages if name not in known), "")
    if absent or not known:
        hint = suggest(absent, known) or "give a recipe that trains something"
        named = f" {absent!r}" if absent else ""
        raise UsageError(f"there is no stage{named} that updates a learner", hint)
    names = [case.name for case in cases]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise UsageError(f"two cases are called {twice}", "measure them by two commands")
    return cases


def shipped_cases() -> list[Path]:
    """The recipes that ship to be measured."""
    return [file for folder in SHIPPED for file in sorted((folder / "bench").glob("*.toml"))]


def chosen_profiles(
    path: Path, wanted: Sequence[str], named: bool, device: str | None
) -> Sequence[str | None]:
    """The profiles of a recipe that are measured; a recipe that was not ``named`` may have none."""
    import torch

    if named:
        return wanted or [None]
    if not wanted and (device or "auto") != "cpu" and torch.cuda.is_available():
        return [None]
    return [name for name in wanted or [SMALL] if name in load_recipe(path).profiles]


def measure_learners(
    cases: Sequence[LearnerCase], rounds: int, together: bool = True
) -> Iterator[Line]:
    """A line for each case, every case in a process of its own.

    Args:
        cases: what to measure.
        rounds: how often each is measured.
        together: whether they take turns; else one is over before the next begins, for cases that
            do not fit in memory at once.
    """
    groups = [list(cases)] if together else [[case] for case in cases]
    for group in groups:
        with ExitStack() as stack:
            probes = {}
            for case in group:
                probe = ProbeProcess(partial(make_probe, case), case.name)
                stack.callback(probe.close)
                probes[case.name] = probe
            turns = take_turns({name: probe.measure for name, probe in probes.items()}, rounds)
            for name, figures in turns:
                yield summarize(name, figures, probes[name].facts())


def make_probe(case: LearnerCase) -> Probe:
    """Called in the case's process."""
    from wmframe.bench.updates import UpdateProbe

    return UpdateProbe(case)


def summarize(name: str, figures: Sequence[float], facts: dict[str, Any]) -> Line:
    """The line of a case.

    Args:
        name: of the case.
        figures: seconds of each update.
        facts: of :meth:`wmframe.bench.updates.UpdateProbe.facts`.
    """
    machine, size = facts.pop("machine"), "x".join(map(str, facts["batch"]))
    median, flops = float(np.median(figures)), facts.pop("flops")
    usual = max(figures)  # so that a slow spell of the machine does not pass for compiling
    beyond = sum(max(0.0, spent - usual) for spent in facts.pop("warm_up"))
    speeds = {
        "ms": rounded(1e3 * median),
        "gflop": rounded(flops / 1e9),
        "gflop/s": rounded(flops / median / 1e9),
        "share_of_floor": rounded(flops / facts["peak_gflop/s"] / 1e9 / median),
        "compile_s": rounded(beyond),
    }
    rates = [1 / spent for spent in figures]
    made = line("learner", f"{name} {size}", "updates/s", rates, **speeds, **facts)
    return {**made, "machine": {**made["machine"], **machine}}
