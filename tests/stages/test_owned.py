"""One run owns its folder; looking at it needs no ownership."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from wmframe.errors import UsageError, WmframeError
from wmframe.locks import hold
from wmframe.report.page import report_run
from wmframe.signals import Interrupted
from wmframe.stages.evaluation.imagine import imagine_run
from wmframe.stages.evaluation.rollouts import evaluate_run
from wmframe.stages.run import run_recipe


def test_a_second_run_in_a_folder_is_refused_and_looking_at_the_first_is_not(recipe, tmp_path):
    folder = run_recipe(recipe, runs=tmp_path).folder
    with hold(folder / "run.lock"):
        before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
        with pytest.raises(UsageError, match=r"process \d+ on .* works in .*toy already"):
            run_recipe(recipe, runs=tmp_path)
        assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before
        evaluate_run(folder, episodes=1, processes=False, device="cpu")
        imagine_run(folder, length=6, device="cpu")
        report_run(folder)
    run_recipe(recipe, runs=tmp_path)


def test_a_folder_removed_under_its_run_ends_it_with_one_message(recipe, tmp_path, monkeypatch):
    from wmframe.stages.online import OnlineRun

    def removes(self):
        shutil.rmtree(tmp_path / "toy")

    monkeypatch.setattr(OnlineRun, "evaluate", removes)
    with pytest.raises(WmframeError, match=r"removed or renamed|could not be written"):
        run_recipe(recipe, runs=tmp_path)
    assert not (tmp_path / "toy").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_names_what_is_saved_and_goes_on(
    recipe, tmp_path, monkeypatch, number, status
):
    from wmframe.stages.online import OnlineRun

    with monkeypatch.context() as patched:
        patched.setattr(OnlineRun, "evaluate", lambda self: os.kill(os.getpid(), number))
        with pytest.raises(Interrupted, match=r"newest checkpoint is .*step_0000000192") as caught:
            run_recipe(recipe, runs=tmp_path)
    assert caught.value.status == status
    run_recipe(recipe, runs=tmp_path)


def test_settings_may_change_without_a_flag_until_there_is_something_to_go_on_from(
    recipe, tmp_path
):
    with pytest.raises(WmframeError, match=r"image_keys|no observation|none of"):
        run_recipe(recipe, runs=tmp_path, overrides=["stages.train.agent.encoder.image_keys='x'"])
    run_recipe(recipe, runs=tmp_path)
    with pytest.raises(UsageError, match="begun with other settings"):
        run_recipe(recipe, runs=tmp_path, overrides=["seed=7"])
