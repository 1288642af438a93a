"""The shipped cases have the sizes that they are named after."""

from __future__ import annotations

import pytest

from wmframe.bench.batches import Subject
from wmframe.bench.learner import learner_cases, shipped_cases
from wmframe.recipe import load_recipe

PROFILES = [(p, name) for p in shipped_cases() for name in (None, *load_recipe(p).profiles)]


@pytest.mark.parametrize(("path", "profile"), PROFILES, ids=[f"{p.stem}-{n}" for p, n in PROFILES])
def test_every_profile_is_valid(path, profile):
    assert load_recipe(path, profile).stages


def sizes(*profiles):
    found = {}
    for case in learner_cases(shipped_cases(), profiles):
        found[case.name] = "{}x{}".format(*Subject(case.recipe(), case.stage).size)
    return found


def test_published_sizes():
    found = sizes()
    assert {name: size for name, size in found.items() if "pretrain" in name} == {
        "apv pretrain": "16x25",
        "contextwm pretrain": "16x25",
    }
    agents = {name: size for name, size in found.items() if "pretrain" not in name}
    assert agents == {
        f"{method}{task} train": size
        for method in ("apv", "contextwm", "dreamerv2")
        for task, size in (("", "50x50"), ("_dmc", "16x50"))
    } | {"dreamerv3 train": "16x64", "dreamerv3_vectors train": "16x64"}


def test_sizes_for_a_cpu():
    cases = learner_cases([], device="cpu")
    assert {case.profile for case in cases} == {"tiny"}
    assert {Subject(case.recipe(), case.stage).size for case in cases} == {(8, 16)}
    agents = learner_cases([], ["medium"], ["train"])
    assert [Subject(case.recipe(), case.stage).size for case in agents] == [(8, 25)] * 3


def test_nothing_is_simulated():
    cases = learner_cases(shipped_cases())
    suites = {case.recipe().stages[-1][1].config.suite.use for case in cases}
    assert suites == {"wmframe.blank"}
