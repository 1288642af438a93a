"""A resolved recipe is the recipe again."""

from __future__ import annotations

from wmframe.recipe import dump_recipe, load_recipe

TEXT = """
[stages.train]
use = "online"
env_steps = 100
suite = { use = "blank" }
agent = { use = "contextwm.agent", initialize.decoder = "none" }
"""


def test_an_entry_of_a_default_table_that_was_taken_away_stays_away(tmp_path):
    path, copy = tmp_path / "r.toml", tmp_path / "copy.toml"
    path.write_text(TEXT)
    recipe = load_recipe(path)
    copy.write_text(dump_recipe(recipe))
    assert load_recipe(copy).stages == recipe.stages
    agent = dict(recipe.stages)["train"].settings()["agent"]
    assert "decoder" not in agent.config.initialize
