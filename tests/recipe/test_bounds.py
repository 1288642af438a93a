"""Every number that a recipe can state has bounds, and what is beyond them is one message."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import attrs
import pytest

from wmframe.config import load_object, regular_expression, setting
from wmframe.errors import RecipeError
from wmframe.recipe.annotations import annotations_of
from wmframe.recipe.model import RunSettings
from wmframe.recipe.scalars import Mismatch, check
from wmframe.recipe.schema import _field
from wmframe.registry import registry
from wmframe.stages.config import PretrainConfig, ReplayConfig


def scalars(annotation: Any) -> list[Any]:
    """The types that an annotation is made of."""
    if get_origin(annotation) is Literal:
        return [str]
    inside = [leaf for part in get_args(annotation) for leaf in scalars(part)]
    return inside or [annotation]


def config_classes() -> Iterator[type]:
    """The config class of every component of ours, with those nested in them.

    Other tests may have left toys of theirs in the registry.
    """
    waiting: list[type] = [RunSettings]
    configs = [component.config for component in registry().components() if component.config]
    waiting += [load_object(config) for config in configs if config.startswith("wmframe")]
    seen: set[type] = set()
    while waiting:
        config = waiting.pop()
        if config not in seen:
            seen.add(config)
            yield config
            found = [leaf for kind in annotations_of(config).values() for leaf in scalars(kind)]
            waiting += [leaf for leaf in found if isinstance(leaf, type) and attrs.has(leaf)]


def unbounded(config: type) -> Iterator[str]:
    """The numbers of a config class that lack a bound."""
    for field in attrs.fields(config):
        numeric = {int, float}.intersection(scalars(annotations_of(config)[field.name]))
        limits = [field.metadata.get(name) for name in ("minimum", "maximum")]
        if numeric and None in limits and not field.metadata.get("choices"):
            yield f"{config.__name__}.{field.name}"


def test_every_number_has_a_least_and_a_largest_value():
    assert [name for config in config_classes() for name in unbounded(config)] == []


def metadata(**facts: Any) -> Any:
    @attrs.frozen
    class Config:
        value: float = setting(1.0, **facts)

    return attrs.fields(Config).value.metadata


@pytest.mark.parametrize(
    "value",
    [math.inf, -math.inf, math.nan, [1.0, math.nan], {"a": math.inf}, {"a": {"b": [math.nan]}}],
)
def test_a_number_is_finite_wherever_it_stands(value):
    with pytest.raises(Mismatch, match="not a finite number"):
        check(value, metadata())


def test_infinity_is_allowed_where_a_bound_states_it_and_nan_nowhere():
    free = metadata(minimum=-math.inf, maximum=math.inf)
    assert check({"range": [0.7, math.inf]}, free) == {"range": [0.7, math.inf]}
    with pytest.raises(Mismatch):
        check(math.nan, free)


@pytest.mark.parametrize("value", [0, 11, (5, 11), [0], {"a": 11}, {"a": [1, 0]}])
def test_bounds_hold_for_each_number_of_an_array_or_a_table(value):
    with pytest.raises(Mismatch, match="out of range"):
        check(value, metadata(minimum=1, maximum=10))


def test_the_schema_states_finite_bounds_for_elements_and_entries():
    @attrs.frozen
    class Config:
        sizes: tuple[int, ...] = setting((1,), minimum=1, maximum=9)
        scales: dict[str, float] = setting(attrs.Factory(dict), minimum=0.0, maximum=math.inf)

    made = {f.name: _field(f, annotations_of(Config)[f.name]) for f in attrs.fields(Config)}
    assert made["sizes"]["items"] == {"type": "integer", "minimum": 1, "maximum": 9}
    assert made["scales"]["additionalProperties"] == {"type": "number", "minimum": 0.0}


@pytest.mark.parametrize("text", ["(", "[a", "*", "(?P<a>", "a{2,1}", "(?<=a*)b", "\\"])
def test_what_is_no_regular_expression_is_refused(text):
    with pytest.raises(ValueError, match="not a regular expression"):
        regular_expression(text)


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="min_length 60 is above max_length 50"):
        ReplayConfig(min_length=60)
    with pytest.raises(ValueError, match="observed is 5, a clip has 5 frames"):
        PretrainConfig(agent=None, updates=1, length=5)


TINY = """
device = "cpu"
trackers = []
stages.train.use = "online"
stages.train.env_steps = 40
stages.train.suite = { use = "blank" }
stages.train.agent.use = "dreamerv2.agent"
"""

CRASHED = [
    "stages.train.train_ratio=inf",
    "stages.train.train_ratio=nan",
    "stages.train.train_ratio=1e300",
    "seed=99999999999999999999999",
    "seed=1e23",
    "stages.train.replay.capacity=100000000000000000000",
    "stages.train.replay.capacity=1000000000000",
    "stages.train.replay={min_length=20, max_length=10}",
    "stages.train.simulators=100000",
    "stages.train.agent.heads.reward.layers=4294967296",
    "stages.train.agent.behavior.actor.units=1099511627776",
    "stages.train.agent.encoder.kernels=[0]",
    "stages.train.agent.decoder={kernels=[]}",
    "stages.train.agent.encoder.kernels=[4, 4, 4, -1]",
    "stages.train.agent.encoder.kernels=[4, 4, 4, 4000]",
    "stages.train.agent.encoder.vector_layers=[8, 0]",
    'stages.train.agent.encoder.image_keys="("',
    'stages.train.agent.decoder.vector_keys="*"',
    "stages.train.agent.decoder.depth=1000000",
    "stages.train.agent.dynamics.stoch=1000000",
    "stages.train.agent.loss_scales={kl=nan}",
    "stages.train.agent.optimizers.model.lr=inf",
    "stages.train.agent.optimizers.model.clip=-1",
    "threads=1000000",
]


@pytest.mark.parametrize("override", CRASHED)
def test_what_no_machine_can_build_is_no_valid_recipe(tmp_path, override):
    pytest.importorskip("wmframe_dreamerv2")
    from wmframe.recipe import load_recipe

    file = tmp_path / "tiny.toml"
    file.write_text(TINY)
    load_recipe(file)
    with pytest.raises(RecipeError) as caught:
        load_recipe(file, overrides=[override])
    key = override.partition("=")[0]
    assert any(problem.key.startswith(key) for problem in caught.value.problems)
    assert all(problem.hint for problem in caught.value.problems)
