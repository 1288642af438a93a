"""Which seeds are drawn in training and in evaluation."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from wmframe.errors import RecipeError
from wmframe.recipe.structure import structure_part
from wmframe_dmc_remastered.config import DmcRemasteredConfig
from wmframe_dmc_remastered.seeds import draw, episode_seeds
from wmframe_dmc_remastered.suite import DmcRemasteredSuite
from wmframe_dmc_remastered.tasks import DOMAINS, TASKS, task_name


def settings(**values):
    table = {"use": "dmc_remastered", "task": "walker-walk", "assets": "procedural", **values}
    return structure_part("suite", table)


def test_there_are_22_tasks_of_10_domains_all_known_to_dm_control():
    from dm_control import suite

    assert (len(TASKS), len(DOMAINS)) == (22, 10)
    assert {(d, t) for d, tasks in DOMAINS.items() for t in tasks} <= set(suite.ALL_TASKS)
    assert task_name("cup-catch") == "ball_in_cup_catch"


def test_by_default_seeds_are_drawn_as_the_reference_draws_them():
    suite = DmcRemasteredSuite(DmcRemasteredConfig(task="walker_walk"))
    random.seed(42)
    dynamics, visual = random.randint(1, 100_000), random.randint(1, 1_000_000)
    for seeds in (suite.config.train_seeds, suite.config.test_seeds):
        assert episode_seeds(42, seeds, suite.config.dynamics_seeds) == (dynamics, visual)


def test_one_seed_a_list_and_a_range_can_be_drawn_from():
    rng = random.Random(0)
    assert {draw(-3, rng) for _ in range(9)} == {-3}
    assert {draw((4, 9), rng) for _ in range(50)} == {4, 9}
    assert {draw("-1..2", rng) for _ in range(99)} == {-1, 0, 1, 2}


@pytest.mark.parametrize("seeds", [0, "5..9", [1, 2, 3]])
def test_a_recipe_can_give_seeds_in_every_form(seeds):
    suite = settings(train_seeds=seeds).build()
    assert suite.config.train_seeds == (tuple(seeds) if isinstance(seeds, list) else seeds)
    assert suite.config.test_seeds == "1..1000000"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"train_seeds": "9..5"}, "no range of seeds"),
        ({"test_seeds": "many"}, "no range of seeds"),
        ({"test_seeds": []}, "no seed to draw"),
        ({"dynamics_seeds": "-5..5"}, "between 0 and"),
        ({"dynamics_seeds": [1, 2**32]}, "between 0 and"),
        ({"vary": ["light", "colour"]}, "colour"),
        ({"task": "dog_run"}, "dog_run"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong, message):
    with pytest.raises(RecipeError, match=message):
        settings(**wrong)


def test_settings_and_facts_load_without_the_simulator_or_torch():
    code = (
        "import sys, wmframe_dmc_remastered.plugin, wmframe_dmc_remastered.assets;"
        "from wmframe_dmc_remastered.config import DmcRemasteredConfig;"
        "from wmframe_dmc_remastered.suite import DmcRemasteredSuite;"
        "DmcRemasteredSuite(DmcRemasteredConfig(task='walker_walk')).facts();"
        "sys.exit(bool({'torch', 'mujoco', 'dm_control'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
