"""The recipes that come with wmframe, with each of their profiles."""

from __future__ import annotations

import pytest

from wmframe.recipe import dump_recipe, load_recipe
from wmframe.recipe.files import SHIPPED, read_chain
from wmframe.recipe.layers import profile_names

FILES = [file for place in SHIPPED for file in sorted(place.glob("*.toml"))]
CASES = [(file, profile) for file in FILES for profile in (None, *profile_names(read_chain(file)))]


@pytest.mark.parametrize(("file", "profile"), CASES, ids=[f"{f.stem}-{p}" for f, p in CASES])
def test_it_is_valid_and_can_be_written_out(file, profile, tmp_path):
    recipe = load_recipe(file, profile)
    copy = tmp_path / "resolved.toml"
    copy.write_text(dump_recipe(recipe))
    assert load_recipe(copy).stages == recipe.stages
