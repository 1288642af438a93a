"""A run that would learn nothing says so, as early as that can be known; evaluations end."""

from __future__ import annotations

import json

import pytest

from wmframe.errors import UsageError, WmframeError
from wmframe.stages.evaluation.rollouts import evaluate_run
from wmframe.stages.run import plan_run, run_recipe

NEVER = "stages.train.suite.length=1000000"
AT_THE_END = "stages.train.evaluation.every=0"


def train(recipe, runs, *overrides):
    return run_recipe(recipe, overrides=overrides, runs=runs)


def records(stage):
    return [json.loads(line) for line in (stage / "metrics.jsonl").read_text().splitlines()]


def test_a_prefill_of_the_whole_budget_is_refused(recipe, tmp_path):
    with pytest.raises(UsageError, match=r"no update would be taken: .* the prefill takes 480"):
        train(recipe, tmp_path, "stages.train.prefill=480")


@pytest.mark.parametrize(
    "setting", ["stages.train.env_steps=97", "stages.train.simulators=48", "stages.train.prefill=0"]
)
def test_a_window_longer_than_the_budget_is_refused_by_the_dry_run_and_the_run(
    recipe, tmp_path, setting
):
    long = ("stages.train.replay={batch=4,length=6,min_length=300,max_length=300}", setting)
    stage = dict(plan_run(recipe, overrides=long, runs=tmp_path).recipe.stages)["train"].build()
    with pytest.raises(UsageError, match="a first window of 300 steps takes"):
        stage.estimate()
    with pytest.raises(UsageError, match=r"no update would be taken.*\n.*raise env_steps"):
        train(recipe, tmp_path, *long)


def test_an_environment_without_an_end_ends_the_run_with_what_to_change(recipe, tmp_path):
    for _ in range(2):  # the second goes on from a checkpoint
        with (
            pytest.warns(UserWarning, match="the prefill is over"),
            pytest.raises(WmframeError, match=r"0 updates were made: no episode has ended") as one,
        ):
            train(recipe, tmp_path, NEVER, AT_THE_END)
        assert "time_limit" in one.value.hint
    assert not any("eval/return_mean" in record for record in records(tmp_path / "toy" / "train"))


def test_episodes_that_are_all_too_short_end_the_run_with_their_number(recipe, tmp_path):
    long = "stages.train.replay={batch=4,length=6,min_length=50,max_length=50}"
    with (
        pytest.warns(UserWarning),
        pytest.raises(WmframeError, match=r"20 episodes ended, none of 50 steps"),
    ):
        train(recipe, tmp_path, long)


def test_a_ratio_too_small_for_one_update_is_named(recipe, tmp_path):
    few = ("stages.train.pretrain=0", "stages.train.train_ratio=0.001")
    with pytest.raises(WmframeError, match=r"0 updates were made: train_ratio is 0\.001"):
        train(recipe, tmp_path, *few)


def test_a_run_that_asks_for_no_updates_takes_none(recipe, tmp_path):
    none = ("stages.train.pretrain=0", "stages.train.train_ratio=0")
    assert train(recipe, tmp_path, *none).stages[0].figures["eval/episodes"] == 2


def test_an_episode_longer_than_the_replay_is_noticed_before_it_fills_the_memory(recipe, tmp_path):
    small = "stages.train.replay={batch=4,length=6,min_length=6,max_length=6,capacity=10}"
    steps = ("stages.train.env_steps=100000", "stages.train.log_every=100000")
    with pytest.raises(WmframeError, match="simulator 0 has not ended after 1035 steps"):
        train(recipe, tmp_path, NEVER, AT_THE_END, small, *steps)


def test_an_evaluation_of_an_environment_without_an_end_is_cut_off_and_says_so(recipe, tmp_path):
    folder = train(recipe, tmp_path).folder
    resolved = folder / "resolved.toml"
    resolved.write_text(resolved.read_text().replace("length = 12", "length = 1000000"))
    told = []
    figures, evaluation, _ = evaluate_run(
        folder, episodes=3, simulators=2, processes=False, max_steps=40, tell=told.append
    )
    assert (figures["episodes"], figures["unfinished"], figures["length_mean"]) == (3, 3, 40)
    assert "success_mean" not in figures
    assert len(evaluation.frames_THWC) == 41
    assert any("1 of 3" in text or "2 of 3" in text for text in told)


def test_an_evaluation_in_training_has_the_limit_of_its_settings(recipe, tmp_path):
    limit = "stages.train.evaluation={every=240,episodes=2,max_steps=5}"
    figures = train(recipe, tmp_path, limit).stages[0].figures
    assert (figures["eval/unfinished"], figures["eval/length_mean"]) == (2, 5)


def test_an_evaluation_keeps_pictures_of_one_episode(recipe, tmp_path):
    folder = train(recipe, tmp_path).folder
    _, evaluation, _ = evaluate_run(folder, episodes=3, processes=False)
    assert [("image" in episode.data) for episode in evaluation.episodes] == [True, False, False]
    assert all(episode.length == 13 for episode in evaluation.episodes)


def test_a_collection_from_an_environment_without_an_end_ends_with_a_message(
    recipe, tmp_path, monkeypatch
):
    from wmframe.stages import collect

    monkeypatch.setattr(collect, "MAX_STEPS", 60)
    given = tmp_path / "collect.toml"
    head = recipe.read_text().partition("[stages.train]")[0]
    given.write_text(
        head + '[stages.fill]\nuse = "collect"\nenv_steps = 100\nprocesses = false\n'
        'suite = { use = "toy.line", length = 1000000 }\n'
    )
    with pytest.raises(WmframeError, match="has not ended after 60 steps"):
        train(given, tmp_path)
