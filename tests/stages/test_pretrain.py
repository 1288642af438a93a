"""The pretrain stage on toy videos: what it reports, repeats, resumes and hands on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from wmframe.cli.imagine import imagine
from wmframe.errors import MissingError, RecipeError, UsageError
from wmframe.recipe import load_recipe
from wmframe.stages.evaluation.imagine import imagine_run
from wmframe.stages.evaluation.loading import load, load_trained
from wmframe.stages.run import run_recipe
from wmframe.training.checkpoint import newest_checkpoint, read_weights

HERE = Path(__file__).parent

RECIPE = """
name = "fourth"
device = "cpu"
trackers = []
plugins.local = ["{here}/toy.py", "{here}/fourth.py"]

[stages.pretrain]
use = "pretrain"
agent = {{ use = "fourth.model" }}
videos = [{{ use = "fourth.videos" }}]
updates = 300
batch = 8
length = 10
size = 8
workers = 0
log_every = 20
evaluation = {{ every = 100, batches = 2, observed = 3 }}
checkpoint = {{ every = 50 }}
"""

ONLINE = """
[stages.train]
use = "online"
suite = { use = "toy.line" }
agent = { use = "fourth.agent" }
init = "stages.pretrain"
env_steps = 240
prefill = 96
pretrain = 3
train_ratio = 0.5
processes = false
log_every = 48
replay = { batch = 4, length = 6, min_length = 6, max_length = 6 }
evaluation = { every = 0, episodes = 2 }
checkpoint = { every = 120 }
"""


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    monkeypatch.setenv("WMFRAME_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "fourth.toml"
    path.write_text(RECIPE.format(here=HERE))
    return path


@pytest.fixture
def both(recipe):
    """The recipe with an online stage that begins where the first one ended."""
    recipe.write_text(recipe.read_text() + ONLINE)
    return recipe


def train(recipe, runs, *overrides, **options):
    return run_recipe(recipe, overrides=overrides, name="x", runs=runs, **options).stages[0]


def records(stage):
    return [json.loads(line) for line in (stage.folder / "metrics.jsonl").open()]


def losses(stage):
    """What is compared between runs: losses and held-out figures, by updates."""
    lines = [
        ({k: v for k, v in r.items() if k.startswith(("train/", "heldout/"))}, r["updates"])
        for r in records(stage)
    ]
    return [(at, figures) for figures, at in lines if figures]


def test_the_model_learns_and_beats_repeating_the_last_frame(recipe, tmp_path):
    figures = train(recipe, tmp_path).figures
    assert figures["heldout/image_loss_fall"] > 5
    assert figures["heldout/image_loss_fall"] == pytest.approx(
        figures["heldout/image_loss_first"] / figures["heldout/image_loss"]
    )
    assert figures["heldout/psnr"] > figures["heldout/psnr_repeat"] + 3
    assert figures["heldout/ssim"] > figures["heldout/ssim_repeat"]


def test_it_is_judged_before_the_first_update_on_schedule_and_at_the_end(recipe, tmp_path):
    stage = train(recipe, tmp_path, "stages.pretrain.evaluation.every=120")
    judged = {r["updates"]: r for r in records(stage) if "heldout/image_loss" in r}
    assert list(judged) == [0, 120, 240, 300]
    assert len({r["heldout/image_loss_first"] for r in judged.values()}) == 1
    videos = {path.name for path in (stage.folder / "videos").iterdir()}
    assert videos == {f"open_loop_{at:09d}.{kind}" for at in judged for kind in ("mp4", "png")}


def test_judging_more_often_changes_no_loss(recipe, tmp_path):
    def learnt(stage):
        return [r["train/image_loss"] for r in records(stage) if "train/image_loss" in r]

    seldom = train(recipe, tmp_path / "a", "stages.pretrain.evaluation.every=0")
    often = train(recipe, tmp_path / "b", "stages.pretrain.evaluation.every=10")
    assert learnt(seldom) == learnt(often)


def test_any_number_of_loaders_gives_the_same_run(recipe, tmp_path):
    alone = train(recipe, tmp_path / "a")
    ahead = train(recipe, tmp_path / "b", "stages.pretrain.workers=2")
    assert losses(alone) == losses(ahead)


def test_clips_that_stand_still_tell_nothing_about_prediction(recipe, tmp_path):
    videos = '[{use="fourth.videos", moving=false}]'
    stage = train(recipe, tmp_path, f"stages.pretrain.videos={videos}", "stages.pretrain.updates=1")
    assert stage.figures["heldout/moving"] == 0
    assert "heldout/psnr" not in stage.figures


@pytest.mark.parametrize(("keep", "kept"), [(1, [300]), (0, [50, 100, 150, 200, 250, 300])])
def test_as_many_checkpoints_are_kept_as_asked(recipe, tmp_path, keep, kept):
    stage = train(recipe, tmp_path, f"stages.pretrain.checkpoint.keep={keep}")
    names = sorted(path.name for path in (stage.folder / "checkpoints").glob("step_*"))
    assert names == [f"step_{at:010d}" for at in kept]


CHILD = """
import sys
from pathlib import Path
from wmframe.stages.run import run_recipe
run_recipe(sys.argv[1], overrides=sys.argv[3:], name="x", runs=Path(sys.argv[2]))
"""


def test_a_killed_run_goes_on_to_the_same_losses(recipe, tmp_path):
    overrides = ["stages.pretrain.updates=1500", "stages.pretrain.log_every=17"]
    whole = train(recipe, tmp_path / "whole", *overrides)
    command = [sys.executable, "-c", CHILD, str(recipe), str(tmp_path / "broken"), *overrides]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    checkpoints = tmp_path / "broken" / "x" / "pretrain" / "checkpoints"
    while child.poll() is None and len(list(checkpoints.glob("step_*"))) < 2:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL  # it was still at work
    resumed = train(recipe, tmp_path / "broken", *overrides)
    assert losses(resumed) == losses(whole)
    assert {
        k: v for k, v in resumed.figures.items() if "/" not in k or k.startswith("heldout/")
    } == {k: v for k, v in whole.figures.items() if "/" not in k or k.startswith("heldout/")}


def test_another_method_trains_with_both_stages(both, tmp_path):
    result = run_recipe(both, runs=tmp_path)
    before, after = (read_weights(newest_checkpoint(stage.folder)) for stage in result.stages)
    for name in before:
        assert torch.equal(after[f"model.{name}"], before[name])
    assert result.stages[1].figures["eval/return_mean"] != 0


def test_weights_that_do_not_fit_are_refused_or_said(both, tmp_path):
    overrides = ["stages.train.agent.width=7", "stages.pretrain.updates=1"]
    with pytest.raises(Exception, match=r"encoder\.weight \[192, 192\] instead of \[7, 192\]"):
        run_recipe(both, overrides=overrides, name="strict", runs=tmp_path)
    with pytest.warns(UserWarning, match=r"fits in part(.|\n)*encoder\.weight"):
        overrides = [*overrides, "stages.train.init_strict=false"]
        run_recipe(both, overrides=overrides, name="lax", runs=tmp_path)


def test_a_video_model_is_loaded_but_does_not_act(both, tmp_path):
    folder = run_recipe(both, runs=tmp_path, overrides=["stages.pretrain.updates=2"]).folder
    assert load_trained(folder / "pretrain").counters.updates == 2
    assert load(folder).specs.action is not None  # the run's agent, of its last stage
    with pytest.raises(MissingError, match="no trained agent"):
        load(folder / "pretrain")


@pytest.mark.parametrize("stage", ["pretrain", "train"])
def test_what_was_learnt_can_be_looked_at(both, tmp_path, stage):
    folder = run_recipe(both, runs=tmp_path).folder
    imagined = imagine_run(folder / stage, clips=2, length=8, observed=3)
    again = imagine_run(folder / stage, tmp_path / "again", clips=2, length=8, observed=3)
    assert imagined.figures == again.figures
    assert {"psnr", "psnr_repeat", "ssim", "ssim_repeat"} == set(imagined.figures)
    strip = imagined.files["prediction"]
    assert strip.parent == folder / stage / "imagined"
    assert strip.exists()
    assert strip.with_suffix(".mp4").exists()


def test_the_command_prints_figures_and_files(recipe, tmp_path, capsys):
    folder = train(recipe, tmp_path, "stages.pretrain.updates=1").folder
    imagine(folder, clips=2, length=6, observed=2, out=tmp_path / "pictures")
    printed = capsys.readouterr().out
    assert "after 1 updates" in printed
    assert "psnr_repeat" in printed
    assert str(tmp_path / "pictures" / "open_loop.png") in printed


def test_a_context_that_can_be_exchanged_is_shown_exchanged(recipe, tmp_path, monkeypatch):
    folder = train(recipe, tmp_path, "stages.pretrain.updates=1").folder
    loaded = load_trained(folder)
    monkeypatch.setattr(
        type(loaded.learner),
        "predict_with_context",
        lambda self, batch, other, observed: self.predict(other, observed),
    )
    files = imagine_run(folder, clips=3, length=6).files
    assert set(files) == {"prediction", "context exchanged"}


def test_what_cannot_work_is_said_before_anything_is_learnt(recipe, tmp_path):
    with pytest.raises(RecipeError, match=r"evaluation\.observed is 10"):
        train(recipe, tmp_path, "stages.pretrain.evaluation.observed=10")
    with pytest.raises(UsageError, match="no videos"):
        train(recipe, tmp_path, "stages.pretrain.videos=[]", allow_changes=True)
    with pytest.raises(UsageError, match="size"):
        train(recipe, tmp_path, "stages.pretrain.size=16", allow_changes=True)


def test_an_estimate_makes_no_video(recipe, tmp_path):
    estimate = dict(load_recipe(recipe).stages)["pretrain"].build().estimate()
    parameters = sum((192 * 192 + 192, 192 * 192 + 192, 192 * 192 + 192))
    assert estimate.parameters["all"] == parameters
    assert estimate.memory["a batch"] == 8 * 10 * (192 + 4)
    assert not (tmp_path / "cache").exists()


def test_a_checkpoint_stands_in_for_the_stage_that_made_it(both, tmp_path):
    whole = run_recipe(both, name="whole", runs=tmp_path)
    taken = f'stages.pretrain={{use="checkpoint", path="{whole.stages[0].folder}"}}'
    stages = run_recipe(both, overrides=[taken], name="taken", runs=tmp_path).stages
    assert stages[0].figures == {}
    assert stages[1].figures["train/model_loss"] == whole.stages[1].figures["train/model_loss"]
    assert newest_checkpoint(stages[0].folder).parent == stages[0].folder / "checkpoints"
