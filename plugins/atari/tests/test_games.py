"""Names of games, what is known of them, and what a recipe with a wrong one says."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wmframe.errors import MissingError, RecipeError, UsageError
from wmframe.recipe.structure import structure_part
from wmframe_atari.config import AtariConfig
from wmframe_atari.human import RANDOM_AND_HUMAN, human_normalized
from wmframe_atari.suite import AtariSuite
from wmframe_atari.tasks import TASKS, task_name


def test_the_games_are_those_of_ale_py_for_one_player():
    import ale_py

    digests = json.loads((Path(ale_py.__file__).parent / "roms/md5.json").read_text())
    games = {name.removesuffix(".bin") for name in digests}
    assert set(TASKS) == games - {"combat", "joust", "maze_craze", "warlords"}
    assert len(TASKS) == 104 and list(TASKS) == sorted(TASKS)


@pytest.mark.parametrize(
    ("name", "game"),
    [
        ("pong", "pong"),
        ("montezuma-revenge", "montezuma_revenge"),
        ("MontezumaRevenge", "montezuma_revenge"),
        ("UpNDown", "up_n_down"),
        ("MsPacman", "ms_pacman"),
        ("james_bond", "jamesbond"),
        ("Jamesbond", "jamesbond"),
        ("chess", "chess"),
    ],
)
def test_names_are_understood_as_others_write_them(name, game):
    assert task_name(name) == game


def test_an_unknown_game_is_refused_with_the_one_that_was_meant():
    with pytest.raises(RecipeError, match="did you mean 'montezuma_revenge'"):
        structure_part("suite", {"use": "atari", "task": "montezumas_revenge"})
    with pytest.raises(UsageError, match=r"no Atari game 'brakeout'\n.*did you mean 'breakout'"):
        AtariSuite(AtariConfig(task="brakeout")).make()


def test_missing_roms_are_reported_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("ALE_ROMS_DIR", str(tmp_path))
    with pytest.raises(MissingError, match="no ROM of pong") as caught:
        AtariSuite(AtariConfig(task="pong")).make()
    assert "unset ALE_ROMS_DIR" in caught.value.hint


def test_a_damaged_rom_is_reported_and_not_loaded(monkeypatch, tmp_path):
    (tmp_path / "pong.bin").write_bytes(b"\0" * 2048)
    monkeypatch.setenv("ALE_ROMS_DIR", str(tmp_path))
    with pytest.raises(MissingError, match="hash of pong"):
        AtariSuite(AtariConfig(task="pong")).make()


def test_settings_load_without_the_emulator_or_torch():
    code = (
        "import sys, wmframe_atari.plugin, wmframe_atari.config;"
        "light = not {'torch', 'ale_py', 'gymnasium', 'numpy'} & set(sys.modules);"
        "import wmframe_atari.suite, wmframe_atari.env;"
        "sys.exit(not light or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_suite_is_pickled_and_tells_which_emulator_it_has():
    suite = pickle.loads(pickle.dumps(AtariSuite(AtariConfig(task="qbert", lives="continue"))))
    assert suite.config == AtariConfig(task="qbert", lives="continue")
    assert set(suite.facts()) == {"ale-py"} and suite.action_repeat == 4


def test_human_scores_are_those_of_the_57_games():
    assert len(RANDOM_AND_HUMAN) == 57 and set(RANDOM_AND_HUMAN) <= set(TASKS)
    assert all(human > random for random, human in RANDOM_AND_HUMAN.values())
    assert human_normalized("pong", -20.7) == 0 and human_normalized("pong", 14.6) == 1
    assert AtariSuite(AtariConfig(task="klax")).scores == {}  # nobody measured it


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_every_game_can_be_played_and_repeats_itself(make, play, task):
    env = make(task)
    pictures, answers = play(env, seed=5, count=5)
    play(env, seed=6, count=2)
    again, same_answers = play(env, seed=5, count=5)
    np.testing.assert_array_equal(pictures, again)
    assert answers == same_answers and np.ptp(pictures) > 10
