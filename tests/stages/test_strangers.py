"""Run folders from strangers: whatever their files hold gives a value or one error of wmframe."""

from __future__ import annotations

import hashlib
import json
import random
import shutil

import pytest

import wmframe
from support.mutants import mutate_bytes, mutate_json
from wmframe.data.replay import load_episodes
from wmframe.errors import CheckpointError, WmframeError
from wmframe.report.page import recipe_section
from wmframe.report.records import load_metrics
from wmframe.stages.run import run_recipe
from wmframe.training.checkpoint import META, load_extra, load_learner, restore_rng, verify
from wmframe.training.rng import isolated


@pytest.fixture
def run(recipe, tmp_path):
    return run_recipe(recipe, name="toy", runs=tmp_path).folder


def seal(checkpoint):
    """Write digests that fit, as a stranger can."""
    names = [path.name for path in checkpoint.iterdir() if path.name != META]
    digests = {name: hashlib.sha256((checkpoint / name).read_bytes()).hexdigest() for name in names}
    (checkpoint / META).write_text(json.dumps({"format": 1, "step": 0, "sha256": digests}))


def use(run):
    """Read all that is read of a run's folder."""
    checkpoint = sorted((run / "train" / "checkpoints").glob("step_*"))[-1]
    agent = wmframe.load(run)
    load_learner(checkpoint, agent.agent)
    load_extra(checkpoint)
    with isolated(0):
        restore_rng(checkpoint)


def metrics(run):
    for record in load_metrics(run):
        assert record["stage"].isidentifier()


READERS = {
    "train/metrics.jsonl": metrics,
    "train/specs.json": use,
    "lock.json": lambda run: list(recipe_section(run)),
    "train/replay/index.json": lambda run: list(load_episodes(run / "train" / "replay")),
    **{f"train/checkpoints/step_0000000480/{name}.json": use for name in ("rng", "state", "meta")},
    **{
        f"train/checkpoints/step_0000000480/{name}": use
        for name in ("optimizer.json", "model.safetensors", "state.safetensors")
    },
}


def mutant(path, draw):
    if path.suffix == ".json":
        path.write_text(mutate_json(json.loads(path.read_text()), draw))
    elif path.suffix == ".jsonl":
        lines = path.read_text().splitlines()
        at = draw.randrange(len(lines))
        lines[at] = mutate_json(json.loads(lines[at]), draw)
        path.write_text("\n".join(lines))
    else:
        path.write_bytes(mutate_bytes(path.read_bytes(), draw))


@pytest.mark.filterwarnings("ignore:.*an older checkpoint is used")
def test_mutants_of_a_run_give_one_error_or_none(run):
    draw = random.Random(0)
    errors = 0
    for name, reader in READERS.items():
        path = run / name
        content = path.read_bytes()
        for _ in range(25):
            mutant(path, draw)
            if "step_" in name and path.name != META:
                seal(path.parent)
            try:
                reader(run)
            except WmframeError as error:
                assert error.message
                errors += 1
            path.write_bytes(content)
        if "step_" in name:
            seal(path.parent)
        reader(run)
    assert errors > 60


@pytest.mark.parametrize("name", ["../../secret", "/dev/zero", "train/../x", "a\0b", "absent"])
def test_a_checkpoint_cannot_name_files_elsewhere(tmp_path, name):
    (tmp_path / META).write_text(json.dumps({"format": 1, "sha256": {name: "0" * 64}}))
    with pytest.raises(CheckpointError, match="is damaged"):
        verify(tmp_path)


@pytest.mark.parametrize("stage", ["..", "/tmp/x", "a/b", "", "a\0b", 3])
def test_metrics_cannot_lead_out_of_the_run(tmp_path, stage):
    good = {"stage": "train", "time": 3.0, "train/loss": 1}
    lines = [json.dumps({**good, "stage": stage}), json.dumps(good), '{"stage": "tra']
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines))
    assert load_metrics(tmp_path) == [good]


def test_a_state_of_something_else_is_named_when_a_run_goes_on(recipe, run):
    (run / "train" / "metrics.jsonl").write_text("")
    checkpoints = sorted((run / "train" / "checkpoints").glob("step_*"))
    shutil.rmtree(checkpoints[-1])
    state = checkpoints[-2] / "state.json"
    state.write_text(json.dumps({"dict": {"counters": 3}}))
    seal(checkpoints[-2])
    with pytest.raises(CheckpointError, match=r"state\.json is damaged, or of something else"):
        run_recipe(recipe, name="toy", runs=run.parent)
