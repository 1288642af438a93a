from __future__ import annotations

from pathlib import Path

import pytest
from toybox import AgentConfig, Colour, HeadConfig

from wmframe.errors import MissingPluginError, RecipeError
from wmframe.recipe import structure_part
from wmframe.registry import use_local

WRONG_TYPES = [
    ("span = 3", "expected an array, got 3"),
    ("span = [1, 2, 3]", "an array of 3 elements does not fit"),
    ('kernels = "44"', 'expected an array, got the string "44"'),
    ("kernels = [4, 4.5]", "expected an integer, got 4.5"),
    ("lr = true", "expected a number, got true"),
    ('lr = "1e-4"', 'expected a number, got the string "1e-4"'),
    ("lr = nan", "expected a number, got nan"),
    ("layered = 1", "expected true or false, got 1"),
    ("size = 1.5", "expected an integer or a string, got 1.5"),
    ("loss_scales = [1]", "expected a table, got an array"),
    ("loss_scales = { kl = true }", "expected a number, got true"),
    ("heads = [{ units = 1.0 }]", "expected an integer, got 1.0"),
    ("head = 3", "expected a table, got 3"),
    ("path = 3", "expected a path, got 3"),
    ('colour = "blue"', "'blue' is not a valid Colour"),
    ("lr = 1979-05-27", "expected a number, got 1979-05-27"),
    ("encoder = 'toybox.small'", "expected a table that names a component (encoder)"),
    ("encoder.use = 3", "expected the name of a component (encoder), got 3"),
]


@pytest.mark.parametrize(("text", "message"), WRONG_TYPES)
def test_values_keep_their_type(folder, text, message):
    with pytest.raises(RecipeError) as caught:
        folder.agent(text)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.where == "recipe.toml:7"
    assert problem.hint


def test_settings_of_every_shape_are_read(folder):
    config = folder.agent(
        """
        extra = { use = "toybox.bare" }
        wide.width = 8
        head.units = 7
        lr = 1
        kernels = [3, 3, 3]
        span = [5, 6]
        loss_scales = { kl = 2, image = 0.5 }
        heads = [{ units = 1 }, { dist = "binary" }]
        size = "auto"
        path = "videos/raw"
        colour = "red"
        encoder.act = "relu"
        """
    )
    assert (config.extra.use, config.extra.config) == ("toybox.bare", None)
    assert (config.wide.use, config.wide.config.width) == ("toybox.large", 8)
    assert config.head == HeadConfig(layers=4, units=7, dist="binary")
    assert (config.lr, type(config.lr)) == (1.0, float)
    assert (config.kernels, config.span) == ((3, 3, 3), (5, 6))
    assert config.loss_scales == {"kl": 2.0, "image": 0.5}
    assert config.heads == (HeadConfig(units=1), HeadConfig(dist="binary"))
    assert (config.size, config.path, config.colour) == ("auto", Path("videos/raw"), Colour.RED)
    assert config.encoder.config.act == "relu"


def test_none_is_written_as_a_word(folder):
    config = folder.agent('clip = "none"\nwide = { use = "none" }\n')
    assert config.clip is None
    assert config.wide is None
    with pytest.raises(RecipeError, match=r"lr: expected a number"):
        folder.agent('lr = "none"')


def test_a_table_of_another_default_changes_only_what_it_states(folder):
    assert folder.agent('head = { dist = "mse" }').head == HeadConfig(layers=4, dist="mse")


def test_defaults_made_in_python_are_the_recipes(folder):
    from_recipe = folder.agent("")
    assert AgentConfig() == from_recipe


def test_a_part_is_made_from_plain_values(folder):
    folder.load(folder.stage)
    part = structure_part("encoder", {"use": "toybox.small", "depth": 3})
    assert (part.use, part.config.depth, part.component.kind) == ("toybox.small", 3, "encoder")
    with pytest.raises(RecipeError, match="default: depth: 65 is out of range"):
        structure_part("encoder", {"use": "toybox.small", "depth": 65})


def test_a_component_whose_settings_do_not_load_is_missing(folder):
    use_local([folder.plugin])
    with pytest.raises(MissingPluginError, match="its settings do not load") as caught:
        structure_part("encoder", {"use": "toybox.broken"})
    assert "list-plugins" in caught.value.problems[0].hint
