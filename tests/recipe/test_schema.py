from __future__ import annotations

import json
import tomllib

import pytest

from wmframe.recipe import schema
from wmframe.recipe.files import SHIPPED
from wmframe.registry import use_local

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def fits(value, rule, root):
    """The part of JSON schema that wmframe's uses."""
    return all(_fits_keyword(value, key, rule, root) for key in rule)


def _fits_keyword(value, key, rule, root):
    want = rule[key]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if key == "$ref":
        return fits(value, root["$defs"][want.removeprefix("#/$defs/")], root)
    if key == "type":
        exact = want == "boolean" or not isinstance(value, bool)
        return isinstance(value, TYPES[want]) and exact
    if key in ("enum", "const"):
        return value in (want if key == "enum" else [want])
    if key in ("anyOf", "oneOf"):
        count = sum(fits(value, option, root) for option in want)
        return count == 1 if key == "oneOf" else count > 0
    if key == "not":
        return not fits(value, want, root)
    if key in ("minimum", "maximum"):
        return not number or (value >= want if key == "minimum" else value <= want)
    if key == "items":
        return not isinstance(value, list) or all(fits(item, want, root) for item in value)
    if isinstance(value, dict):
        return _fits_table(value, key, rule, root)
    return True


def _fits_table(value, key, rule, root):
    want = rule[key]
    known = rule.get("properties", {})
    if key == "required":
        return all(name in value for name in want)
    if key == "properties":
        return all(fits(value[name], want[name], root) for name in want if name in value)
    if key == "additionalProperties":
        others = [child for name, child in value.items() if name not in known]
        return all(want is not False and fits(child, want, root) for child in others)
    return True


@pytest.fixture
def made(folder):
    use_local([folder.plugin])
    return json.loads(json.dumps(schema()))


def test_it_has_a_branch_for_each_component(made):
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    branches = [branch["$ref"] for branch in made["$defs"]["encoder"]["oneOf"]]
    assert {"#/$defs/encoder:toybox.small", "#/$defs/encoder:toybox.bare"} <= set(branches)
    depth = made["$defs"]["encoder:toybox.small"]["properties"]["depth"]
    assert depth == {
        "type": "integer",
        "minimum": 1,
        "maximum": 64,
        "default": 16,
        "description": "channels of the first layer",
    }


FINE = [
    "",
    'agent.encoder.depth = 3\nagent.extra = { use = "toybox.large", width = 3 }',
    'agent.clip = "none"\nagent.wide = { use = "none" }\nagent.head.units = 3',
    "agent.heads = [{ units = 1 }]\nagent.loss_scales = { kl = 1.5 }\nagent.span = [1, 2]",
]
WRONG = [
    "agent.encoder.dept = 3",
    "agent.encoder.depth = 65",
    "watchers = 1.5",
    'agent.extra = { use = "toybox.small", width = 3 }',
    'agent.head.dist = "mes"',
    "agent.heads = [{ unit = 1 }]",
    'suite.cameras = ["sid"]',
]


@pytest.mark.parametrize("line", FINE)
def test_it_accepts_what_the_loader_accepts(folder, made, line):
    text = folder.stage + line
    folder.load(text)
    assert fits(tomllib.loads(text), made, made)


@pytest.mark.parametrize("line", WRONG)
def test_it_refuses_what_the_loader_refuses(folder, made, line):
    stage = folder.stage.replace('suite = { use = "toybox.maze", task', "suite.use = 'toybox.maze'")
    text = stage.replace(' = "small_maze" }', '\nsuite.task = "small_maze"') + line
    assert not fits(tomllib.loads(text), made, made)
    assert fits(tomllib.loads(text.removesuffix(line)), made, made)


COMING_ALONG = [file for place in SHIPPED for file in sorted(place.glob("**/*.toml"))]


@pytest.mark.parametrize("file", COMING_ALONG, ids=lambda file: file.stem)
def test_the_recipes_that_come_along_fit(made, file):
    assert fits(tomllib.loads(file.read_text()), made, made)
