"""Checkpoints: training goes on bit for bit, a kill leaves the last one, nothing odd gets in."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from wmframe.errors import CheckpointError, MissingError, WmframeError
from wmframe.nn.weights import load_weights
from wmframe.training import checkpoint, rng
from wmframe.training.checkpoint import (
    CheckpointStore,
    load_extra,
    load_learner,
    newest_checkpoint,
    read_weights,
    restore_rng,
)


def train(learner, updates):
    return [learner.update({"x": torch.randn(16, 4)})["loss"].item() for _ in range(updates)]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_resumed_training_equals_unbroken_training(tmp_path, make_learner):
    rng.seed_everything(0)
    learner = make_learner()
    train(learner, 5)
    path = CheckpointStore(tmp_path).save(5, learner, {"updates": 5})
    expected = train(learner, 5)

    rng.seed_everything(1)
    resumed = make_learner()
    train(resumed, 2)
    report = load_learner(path, resumed)
    restore_rng(path)
    assert report.complete
    assert load_extra(path) == {"updates": 5}
    assert train(resumed, 5) == expected
    for key, value in learner.state_dict().items():
        assert torch.equal(resumed.state_dict()[key], value), key
        assert resumed.state_dict()[key].dtype == value.dtype


def test_optimizers_are_kept_by_parameter_name(tmp_path, make_learner):
    learner = make_learner()
    train(learner, 3)
    learner.model_opt.param_groups[0]["lr"] = 0.5
    path = CheckpointStore(tmp_path).save(3, learner, None)
    other = make_learner()
    reversed_order = [*other.head.parameters(), *other.body.parameters()]
    other.model_opt = torch.optim.Adam(reversed_order, lr=1e-2)
    load_learner(path, other)
    assert other.model_opt.param_groups[0]["lr"] == 0.5
    for mine, theirs in zip(learner.body.parameters(), other.body.parameters(), strict=True):
        want, have = learner.model_opt.state[mine], other.model_opt.state[theirs]
        assert torch.equal(want["exp_avg_sq"], have["exp_avg_sq"])
        assert torch.equal(want["step"], have["step"])


def test_optimizers_can_be_left_alone(tmp_path, make_learner):
    learner = make_learner()
    train(learner, 3)
    path = CheckpointStore(tmp_path).save(3, learner, None)
    fresh = make_learner()
    load_learner(path, fresh, optimizers=False)
    assert torch.equal(fresh.head.weight, learner.head.weight)
    assert not fresh.model_opt.state


def test_other_optimizers_are_listed_by_name(tmp_path, make_learner):
    learner = make_learner()
    path = CheckpointStore(tmp_path).save(0, learner, None)
    learner.model_opt = torch.optim.Adam(learner.head.parameters())
    with pytest.raises(CheckpointError, match=r"model trains no body\.0\.weight; model trains no"):
        load_learner(path, learner)
    learner.optimizers = lambda: {"actor": learner.scale_opt}
    with pytest.raises(CheckpointError, match="actor is missing; model is unexpected"):
        load_learner(path, learner)
    stray = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))])
    learner.optimizers = lambda: {"stray": stray}
    with pytest.raises(CheckpointError, match="stray has a parameter that is not the learner's"):
        CheckpointStore(tmp_path).save(1, learner, None)


def test_weights_that_do_not_fit_are_listed_and_nothing_is_changed(tmp_path, make_learner):
    path = CheckpointStore(tmp_path).save(0, make_learner(), None)
    wider = make_learner(width=9)
    wider.extra = torch.nn.Linear(1, 1)
    del wider.mag
    before = {key: value.clone() for key, value in wider.state_dict().items()}
    with pytest.raises(CheckpointError) as caught:
        load_learner(path, wider)
    text = str(caught.value)
    assert "missing: extra.weight, extra.bias" in text
    assert "unexpected: mag" in text
    assert "body.0.weight [8, 4] instead of [9, 4]" in text
    assert all(torch.equal(wider.state_dict()[key], value) for key, value in before.items())

    report = load_learner(path, wider, strict=False)
    assert "scale" in report.loaded
    assert not report.complete
    assert not wider.model_opt.state


def test_a_part_of_the_weights_can_be_loaded_into_a_part(tmp_path, make_learner):
    learner, other = make_learner(), make_learner()
    path = CheckpointStore(tmp_path).save(0, learner, None)
    head = {
        name.removeprefix("head."): tensor
        for name, tensor in read_weights(path).items()
        if name.startswith("head.")
    }
    assert load_weights(other.head, head).complete
    assert torch.equal(other.head.weight, learner.head.weight)
    assert not torch.equal(other.body[0].weight, learner.body[0].weight)


def test_only_the_newest_are_kept(tmp_path, make_learner):
    store = CheckpointStore(tmp_path, keep=2)
    for step in (5, 30, 200):
        store.save(step, make_learner(), None)
    assert names(tmp_path) == ["step_0000000030", "step_0000000200"]
    assert store.latest().name == "step_0000000200"


def test_the_same_step_saved_again_becomes_the_newest(tmp_path, make_learner):
    store = CheckpointStore(tmp_path, keep=1)
    for attempt in range(3):
        store.save(7, make_learner(), {"attempt": attempt})
        assert load_extra(store.latest()) == {"attempt": attempt}
        assert len(names(tmp_path)) == 1


def test_a_save_after_damage_is_never_pruned_in_favour_of_the_damaged(tmp_path, make_learner):
    store = CheckpointStore(tmp_path, keep=1)
    store.save(100, make_learner(), None)
    shutil.copytree(tmp_path / "step_0000000100", tmp_path / "step_0000000300")
    (tmp_path / "step_0000000300" / "meta.json").unlink()
    store.save(200, make_learner(), None)
    with pytest.warns(UserWarning, match="step_0000000300 is damaged"):
        assert store.latest().name == "step_0000000200"


@pytest.mark.parametrize(
    "name", ["model.safetensors", "state.json", "rng.safetensors", "meta.json"]
)
def test_a_damaged_checkpoint_is_passed_over_and_named(tmp_path, make_learner, name):
    store = CheckpointStore(tmp_path)
    store.save(1, make_learner(), None)
    newest = store.save(2, make_learner(), None)
    os.truncate(newest / name, 5)
    with pytest.warns(UserWarning, match="step_0000000002 is damaged"):
        assert store.latest().name == "step_0000000001"
    with pytest.raises(CheckpointError, match="step_0000000002"):
        checkpoint.verify(newest)


def test_a_changed_byte_is_noticed(tmp_path, make_learner):
    path = CheckpointStore(tmp_path).save(1, make_learner(), None)
    model = path / "model.safetensors"
    model.write_bytes(model.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        checkpoint.verify(path)


def test_a_later_format_is_refused_with_a_hint(tmp_path, make_learner):
    path = CheckpointStore(tmp_path).save(1, make_learner(), None)
    meta = json.loads((path / "meta.json").read_text())
    (path / "meta.json").write_text(json.dumps({**meta, "format": 99}))
    with pytest.raises(CheckpointError, match="format 99") as caught:
        newest_checkpoint(path)
    assert "install the version" in caught.value.hint


class Killed(BaseException):
    """Stands for the end of the process."""


def test_dying_at_any_flush_or_rename_leaves_the_last_one(tmp_path, make_learner, monkeypatch):
    store, learner = CheckpointStore(tmp_path, keep=1), make_learner()
    store.save(1, learner, {"step": 1})
    flush, rename, remove = os.fsync, Path.rename, shutil.rmtree
    operations = 0

    def die_or(function):
        def call(*arguments):
            nonlocal operations
            operations -= 1
            if operations == 0:
                raise Killed
            return function(*arguments)

        return call

    def remove_unless_dead(*arguments, **options):
        if operations > 0:
            remove(*arguments, **options)

    moment, saved = 0, False
    while not saved:
        moment += 1
        operations = moment
        monkeypatch.setattr(os, "fsync", die_or(flush))
        monkeypatch.setattr(Path, "rename", die_or(rename))
        monkeypatch.setattr(shutil, "rmtree", remove_unless_dead)
        try:
            store.save(2, learner, {"step": 2})
        except Killed:
            pass
        else:
            saved = True
        monkeypatch.undo()
        latest = store.latest()
        assert load_extra(latest)["step"] == int(latest.name.split("_")[1][:10])
        load_learner(latest, make_learner())
    assert moment > 10
    store.save(3, learner, {"step": 3})
    assert names(tmp_path) == ["step_0000000003"]


def test_no_half_deleted_checkpoint_is_ever_in_sight(tmp_path, make_learner, monkeypatch):
    store, learner, remove = CheckpointStore(tmp_path, keep=1), make_learner(), shutil.rmtree

    def die_after_a_file(path, **_):
        next(iter(Path(path).iterdir())).unlink()
        raise Killed

    store.save(1, learner, None)
    monkeypatch.setattr(shutil, "rmtree", lambda p, **o: Path(p).exists() and die_after_a_file(p))
    with pytest.raises(Killed):
        store.save(2, learner, None)
    monkeypatch.setattr(shutil, "rmtree", remove)
    for path in tmp_path.glob("step_*"):
        checkpoint.verify(path)
    store.clear_unfinished()
    assert names(tmp_path) == ["step_0000000002"]


def test_a_full_disk_leaves_the_last_one_and_says_what_to_do(tmp_path, make_learner, monkeypatch):
    store = CheckpointStore(tmp_path)
    store.save(1, make_learner(), None)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WmframeError, match="No space left") as caught:
        store.save(2, make_learner(), None)
    assert "free some disk space" in caught.value.hint
    assert names(tmp_path) == ["step_0000000001"]


def test_state_that_cannot_be_saved_leaves_no_trace(tmp_path, make_learner):
    with pytest.raises(TypeError, match="/odd"):
        CheckpointStore(tmp_path).save(1, make_learner(), {"odd": object()})
    assert names(tmp_path) == []


class Attack:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return (Path.touch, (Path("attacked"),))


@pytest.mark.parametrize("name", ["model.safetensors", "state.json", "optimizer.safetensors"])
def test_a_pickle_in_disguise_is_refused_and_not_run(tmp_path, make_learner, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    path = CheckpointStore(tmp_path / "c").save(1, make_learner(), None)
    (path / name).write_bytes(pickle.dumps(Attack()))
    with pytest.raises(CheckpointError, match=name.split(".")[0]):
        load_extra(path) if name.startswith("state") else load_learner(path, make_learner())
    assert not Path("attacked").exists()


def test_the_newest_is_found_from_a_stage_a_folder_or_itself(tmp_path, make_learner):
    store = CheckpointStore(tmp_path / "stage" / "checkpoints")
    path = store.save(4, make_learner(), {"array": np.ones(2)})
    for place in (tmp_path / "stage", path.parent, path):
        assert newest_checkpoint(place) == path
    with pytest.raises(MissingError, match="holds no checkpoint"):
        newest_checkpoint(tmp_path)


def test_a_learner_stays_on_its_device_and_dtype(tmp_path, make_learner):
    learner = make_learner()
    path = CheckpointStore(tmp_path).save(1, learner, None)
    double = make_learner().double()
    load_learner(path, double, optimizers=False)
    assert double.head.weight.dtype == torch.float64
    assert torch.equal(double.head.weight, learner.head.weight.double())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_checkpoint_moves_between_devices(tmp_path, make_learner):
    learner = make_learner().cuda()
    extra = {"state": torch.ones(2, device="cuda")}
    path = CheckpointStore(tmp_path).save(1, learner, extra)
    expected = torch.randn(3, device="cuda")
    restore_rng(path)
    assert torch.equal(torch.randn(3, device="cuda"), expected)
    on_cpu = make_learner()
    load_learner(path, on_cpu)
    assert torch.equal(on_cpu.head.weight, learner.head.weight.cpu())
    assert load_extra(path)["state"].device.type == "cpu"
    assert load_extra(path, like=extra)["state"].device.type == "cuda"
