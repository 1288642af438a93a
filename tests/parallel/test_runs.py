"""Recipes in several processes: what they write, what they go on from, how they end."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time

import numpy as np
import pytest
import torch
from launching import HERE, finish, launch, run, torchrun, wmframe

from wmframe.data.replay import load_episodes
from wmframe.stages.loop.episodes import newest_replays, replay_folders
from wmframe.stages.run import run_recipe
from wmframe.training.checkpoint import load_extra, newest_checkpoint, read_weights

pytestmark = pytest.mark.slow

RECIPE = """
name = "both"
device = "cpu"
threads = 1
trackers = []
plugins.local = ["{stages}/toy.py", "{stages}/fourth.py"]

[stages.pretrain]
use = "pretrain"
agent = {{ use = "fourth.model" }}
videos = [{{ use = "fourth.videos" }}]
updates = 20
batch = 8
length = 10
size = 8
workers = 0
log_every = 4
evaluation = {{ every = 10, batches = 1, observed = 3 }}
checkpoint = {{ every = 8, keep = 0 }}

[stages.train]
use = "online"
suite = {{ use = "toy.line" }}
agent = {{ use = "fourth.agent" }}
init = "stages.pretrain"
env_steps = 480
prefill = 192
pretrain = 3
train_ratio = 0.25
simulators = 4
processes = false
log_every = 48
replay = {{ batch = 4, length = 6, min_length = 6, max_length = 6 }}
evaluation = {{ every = 0, episodes = 1, videos = false }}
checkpoint = {{ every = 200, keep = 0 }}
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """Both stages, with learners that step optimizers of torch."""
    folder = tmp_path_factory.mktemp("recipe")
    os.environ["WMFRAME_CACHE"] = str(folder / "cache")
    path = folder / "both.toml"
    path.write_text(RECIPE.format(stages=HERE.parent / "stages"))
    yield path
    del os.environ["WMFRAME_CACHE"]


@pytest.fixture(scope="module")
def pair(recipe, tmp_path_factory):
    """The folder of a whole run of two processes; not to be changed."""
    runs = tmp_path_factory.mktemp("pair")
    ended = torchrun(*wmframe(recipe, runs))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("curves: ") == 1
    return runs / "x"


@pytest.fixture(scope="module")
def single(recipe, tmp_path_factory):
    """The same by one process."""
    runs = tmp_path_factory.mktemp("single")
    return run_recipe(recipe, name="x", runs=runs).folder


def records(stage):
    return [json.loads(line) for line in (stage / "metrics.jsonl").read_text().splitlines()]


def losses(stage, name):
    return {r["updates"]: r[name] for r in records(stage) if name in r}


def episodes(stage, world):
    """The complete episodes of each simulator's, in order: rewards and actions by both numbers."""
    found = {}
    for folder in replay_folders(stage, world):
        for episode in load_episodes(folder):
            found[episode.worker, episode.number] = episode.data
    return found


def cut(run_folder, runs, stage, kept):
    """A copy of a run that was killed right behind a stage's checkpoint ``kept``."""
    copy = runs / "x"
    shutil.copytree(run_folder, copy)
    for path in (copy / stage / "checkpoints").glob("step_*"):
        if int(path.name[5:]) > kept:
            shutil.rmtree(path)
    return copy


def test_two_processes_learn_from_the_clips_that_one_does(pair, single):
    ours, theirs = (losses(folder / "pretrain", "train/image_loss") for folder in (pair, single))
    assert list(ours) == list(theirs)
    for updates, loss in ours.items():  # the learner's noise differs, its share is small
        assert loss == pytest.approx(theirs[updates], rel=0.02), updates


def test_counters_and_records_are_those_of_all(pair, single):
    ours, theirs = (records(folder / "train") for folder in (pair, single))
    counters = ("env_steps", "agent_steps", "updates", "episodes")
    assert [[r[c] for c in counters] for r in ours] == [[r[c] for c in counters] for r in theirs]
    held = [[r["replay/steps"] for r in some if "replay/steps" in r] for some in (ours, theirs)]
    assert held[0] == held[1]


def test_simulators_play_the_same_episodes_wherever_they_are(pair, single):
    ours, theirs = episodes(pair / "train", 2), episodes(single / "train", 1)
    assert sorted(ours) == sorted(theirs)
    assert {worker for worker, _ in ours} == {0, 1, 2, 3}
    for worker in range(4):  # the first ones were played at random
        first = [one[worker, 0] for one in (ours, theirs)]
        assert all(np.array_equal(first[0][key], first[1][key]) for key in first[0])


def test_each_process_keeps_the_episodes_of_its_simulators(pair):
    workers = [{e.worker for e in load_episodes(f)} for f in replay_folders(pair / "train", 2)]
    assert workers == [{0, 1}, {2, 3}]
    assert newest_replays(pair / "train") == replay_folders(pair / "train", 2)


def test_one_process_goes_on_with_the_videos_where_two_were(recipe, pair, tmp_path):
    folder = cut(pair, tmp_path, "pretrain", 8)
    shutil.rmtree(folder / "train")
    run_recipe(recipe, name="x", runs=tmp_path)
    ours, whole = (losses(one / "pretrain", "train/image_loss") for one in (folder, pair))
    assert list(ours) == list(whole)
    assert all(ours[at] == whole[at] for at in (4, 8))
    for updates, loss in ours.items():
        assert loss == pytest.approx(whole[updates], rel=0.02), updates


def test_two_processes_resume_to_the_same_weights(recipe, pair, tmp_path):
    folder = cut(pair, tmp_path, "train", 200)
    run(*wmframe(recipe, tmp_path))
    for stage in ("pretrain", "train"):
        ours, whole = (read_weights(newest_checkpoint(one / stage)) for one in (folder, pair))
        assert all(torch.equal(ours[name], whole[name]) for name in whole)
    played = [episodes(one / "train", 2) for one in (folder, pair)]
    assert all(np.array_equal(played[0][k]["action"], played[1][k]["action"]) for k in played[1])


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2)])
def test_another_number_of_processes_takes_all_episodes_over(
    recipe, pair, single, tmp_path, before, after
):
    folder = cut(pair if before == 2 else single, tmp_path, "train", 200)
    saved = load_extra(newest_checkpoint(folder / "train"))
    known = {
        key: data
        for key, data in episodes(folder / "train", before).items()
        if key[1] < saved["counters"]["episodes"] // 4
    }
    if after == 1:
        run_recipe(recipe, name="x", runs=tmp_path)
    else:
        run(*wmframe(recipe, tmp_path))
    held = episodes(folder / "train", after)
    assert len(known) == 4 * (200 // 2 // 4 // 12)
    for key, data in known.items():
        assert all(np.array_equal(held[key][name], data[name]) for name in data)
    # nor is an unfinished episode lost: every simulator has played the same number of them
    assert sorted(held) == [(w, n) for w in range(4) for n in range(480 // 2 // 4 // 12)]
    assert records(folder / "train")[-1]["env_steps"] == 480
    assert newest_replays(folder / "train") == replay_folders(folder / "train", after)
    counts = [len(list(load_episodes(f))) for f in replay_folders(folder / "train", after)]
    assert max(counts) - min(counts) <= 1


def test_what_cannot_be_shared_evenly_is_refused_by_one_voice(recipe, tmp_path):
    ends = finish(launch(*wmframe(recipe, tmp_path, "stages.pretrain.batch=7")))
    assert [status for status, _, _ in ends] == [2, 2]
    said = "".join(out + errors for _, out, errors in ends)
    assert len(re.findall("error: ", said)) == 1
    assert "stages.pretrain.batch is 7, which 2 processes cannot share evenly" in said


def test_when_one_process_dies_the_other_ends_and_says_so(recipe, tmp_path):
    processes = launch(*wmframe(recipe, tmp_path, "stages.pretrain.updates=100000"))
    checkpoints = tmp_path / "x" / "pretrain" / "checkpoints"
    while not list(checkpoints.glob("step_*")):
        assert all(process.poll() is None for process in processes)
        time.sleep(0.05)
    processes[1].send_signal(signal.SIGKILL)
    (status, _, errors), _ = finish(processes)
    assert status == 1, errors
    assert errors.count("error: ") == 1
    assert "another process of this run has ended" in errors
    assert "Traceback" not in errors
