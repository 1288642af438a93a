"""Updates are measured in processes of their own."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
import torch

from wmframe.bench import learner
from wmframe.bench.batches import Subject
from wmframe.bench.cases import LearnerCase
from wmframe.bench.device import memory, peak_speed, seconds
from wmframe.bench.learner import learner_cases, measure_learners
from wmframe.bench.process import ProbeProcess
from wmframe.bench.scan import part, scan
from wmframe.bench.updates import CountedUpdate
from wmframe.errors import UsageError, WmframeError
from wmframe.interfaces.models import Dynamics
from wmframe.nn.precision import resolve_precision
from wmframe.recipe import load_recipe

TOY = Path(__file__).parent.parent / "stages" / "toy.py"
THIRD = Path(__file__).parent / "third.py"
SMALL = ("stages.train.agent.dynamics={hidden=8,deter=8,stoch=2,discrete=2}",)


@pytest.mark.parametrize("precision", ("auto", "float32"))
def test_a_line_a_case(recipe, precision):
    overrides = ("stages.train.replay.batch=2", f"precision={precision}")
    cases = learner_cases([recipe], ["wide"], overrides=overrides)
    [line] = measure_learners(cases, rounds=2)
    assert (line["bench"], line["case"]) == ("learner", "toy:wide train 2x4")
    assert line["median"] == pytest.approx(1e3 / line["ms"], rel=0.2)
    width, pixels = 9, 8 * 8 * 3
    body = 2 * 8 * (pixels * width + width)  # two layers on 2 x 4 frames
    assert line["gflop"] == pytest.approx((2 * body + 2 * 8 * width) / 1e9, rel=1e-3)
    assert 0 < line["share_of_floor"] < 1
    assert line["precision"] == resolve_precision(precision, "cpu")
    assert line["memory_mib"]["process"] > 50
    assert line["kernels"] is None
    assert line["machine"]["threads"] == 1
    assert line["overrides"] == list(overrides)


def test_stages_that_learn_nothing_are_left_out(recipe):
    assert [case.name for case in learner_cases([recipe])] == ["toy train"]


@pytest.mark.parametrize("stage", ["judge", "absent"])
def test_a_stage_without_learner_is_refused(recipe, stage):
    with pytest.raises(UsageError, match=f"no stage '{stage}'") as raised:
        learner_cases([recipe], stages=[stage])
    assert "train" in raised.value.hint
    with pytest.raises(UsageError, match=f"no stage '{stage}'"):
        Subject(load_recipe(recipe), stage)


def test_what_is_wrong_in_a_process_is_one_error_here(recipe):
    with pytest.raises(UsageError, match="no stage 'absent'"):
        list(measure_learners([LearnerCase(recipe, "absent")], 1))


def test_cases_of_one_name_are_refused(recipe):
    with pytest.raises(UsageError, match="two cases are called toy train"):
        learner_cases([recipe, recipe])


def test_a_batch_looks_like_the_simulators_data(recipe):
    [case] = learner_cases([recipe])
    batch = Subject(case.recipe(), case.stage).batch("cpu")
    assert batch["image"].shape == (3, 4, 8, 8, 3)
    assert batch["action"].shape == (3, 4, 2)
    assert batch["is_first"].sum(1).tolist() == [1, 1, 1]
    assert set(batch) == {"image", "action", "reward", "is_first", "is_last", "is_terminal"}


def test_a_scan_is_a_pass_of_the_dynamics_alone():
    case = LearnerCase(Path("bench/dreamerv2"), "train", "tiny", SMALL, dynamics=True)
    subject = Subject(case.recipe(), case.stage)
    learner, batch = subject.build("cpu"), subject.batch("cpu")
    work = scan(learner, batch)
    dynamics = part(learner, Dynamics)
    reached = []
    for parameter in dynamics.parameters():
        parameter.register_hook(lambda grad: reached.append(grad.abs().sum() > 0))
    work()
    assert len(reached) == len(list(dynamics.parameters()))
    assert all(reached)
    assert all(parameter.grad is None for parameter in learner.parameters())
    assert case.name == "dreamerv2:tiny train dynamics"


@pytest.mark.parametrize("precision", ("float32", "bfloat16"))
def test_a_scan_is_in_the_precision_of_the_recipe(precision):
    overrides = (*SMALL, f"precision={precision}")
    case = LearnerCase(Path("bench/dreamerv2"), "train", "tiny", overrides, dynamics=True)
    update = CountedUpdate(case)
    seen = []
    for module in part(update.learner, Dynamics).modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_hook(lambda *args: seen.append(args[2].dtype))
    update.run()
    assert set(seen) == {getattr(torch, precision)}


def test_a_learner_without_dynamics_has_no_scan(recipe):
    [case] = learner_cases([recipe])
    subject = Subject(case.recipe(), case.stage)
    with pytest.raises(UsageError, match="holds no Dynamics"):
        scan(subject.build("cpu"), subject.batch("cpu"))


def test_what_takes_longer_in_the_warm_up_is_compiling():
    facts = {"batch": [2, 4], "machine": {}, "flops": 4e9, "peak_gflop/s": 8.0}
    line = learner.summarize("toy", [1.0, 2.0, 2.0], {**facts, "warm_up": [7.0, 1.5]})
    assert line["compile_s"] == 5.0
    assert line["gflop/s"] == 2.0
    assert line["share_of_floor"] == 0.25


def test_the_device_shows_its_speed():
    assert peak_speed("cpu", torch.float32) > 1e8
    assert seconds(lambda: sum(range(1000)), "cpu") > 0
    assert memory("cpu")["process"] > 50


def test_a_process_that_dies_is_told():
    probe = ProbeProcess(partial(os._exit, 3), "toy train")
    try:
        with pytest.raises(WmframeError, match="the process of toy train died"):
            probe.measure()
    finally:
        probe.close()


def test_a_stage_of_a_plugin_is_measured_once_it_says_what_it_trains(recipe):
    stage = '\n[stages.imitation]\nuse = "third.imitate"\nagent = { use = "toy.agent" }\n'
    text = recipe.read_text().replace(f'["{TOY}"]', f'["{TOY}", "{THIRD}"]')
    recipe.write_text(text.replace("\n[profiles", stage + "\n[profiles"))
    assert [case.name for case in learner_cases([recipe])] == ["toy train", "toy imitation"]
    [line] = measure_learners(learner_cases([recipe], stages=["imitation"]), rounds=1)
    assert line["case"] == "toy imitation 2x5"
    assert line["median"] > 0
