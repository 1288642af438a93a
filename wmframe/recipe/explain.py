"""``wmframe explain RECIPE KEY``: a setting's value, its origins, and its allowed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, Final

import attrs

from wmframe.config import Part
from wmframe.errors import RecipeError, UsageError
from wmframe.recipe.annotations import annotations_of, default_of, in_words
from wmframe.recipe.load import load_recipe
from wmframe.recipe.model import Recipe, RunSettings
from wmframe.recipe.plain import to_plain
from wmframe.recipe.positions import split_key
from wmframe.recipe.scalars import allowed
from wmframe.recipe.toml import toml_document, toml_value
from wmframe.recipe.tree import Node
from wmframe.registry import registry
from wmframe.suggest import suggest

_REQUIRED: Final = "none: it has to be given"


@attrs.frozen
class Setting:
    """The declaration of a setting in its config class."""

    default: str = ""
    type: str = ""
    allowed: str = ""
    help: str = ""


@attrs.frozen
class Explanation:
    """A setting of a recipe; as text it is what the command line prints.

    Attributes:
        key: dotted.
        value: plain.
        history: each layer that set it, with the value, the lowest first; the last one holds.
        setting: what its owner says of it.
    """

    key: str
    value: Any
    history: tuple[tuple[str, Any], ...]
    setting: Setting

    def __str__(self) -> str:
        facts = attrs.asdict(self.setting)
        rows = _table_rows(self) if isinstance(self.value, dict) else _value_rows(self)
        if not self.history:
            rows.append("  set by no layer; this is the default")
        return "\n".join([*rows, *(f"  {name}: {text}" for name, text in facts.items() if text)])


def explain(
    path: str | Path, key: str, profile: str | None = None, overrides: Sequence[str] = ()
) -> Explanation:
    """Look up one key of a recipe, written or left at its default.

    Args:
        path: as for :func:`wmframe.recipe.load_recipe`.
        key: dotted, such as ``stages.finetune.agent.lr``.
        profile: one of the recipe's profiles.
        overrides: ``a.b=c`` each.

    Raises:
        UsageError: there is no such key.
        RecipeError: the recipe has faults.
    """
    recipe = load_recipe(path, profile, overrides)
    keys = split_key(key)
    if not keys:
        raise UsageError(f"{key} is not a key", "write stages.NAME.SETTING")
    value, setting = _look_up(recipe, keys)
    node = recipe.merged.at(keys)
    history = _history(node) if node else ()
    if keys == ("name",):
        setting = attrs.evolve(setting, default="the name of the recipe's file")
    return Explanation(key, to_plain(value), history, setting)


def _history(node: Node) -> tuple[tuple[str, Any], ...]:
    if node.is_table:
        return ((node.origin.label, node.plain()),)
    return tuple((layer.origin.label, layer.plain()) for layer in node.history())


def _look_up(recipe: Recipe, keys: Sequence[str]) -> tuple[Any, Setting]:
    here: Any = recipe
    stock: Any = None
    setting = Setting()
    for depth, key in enumerate(keys):
        if key == "use" and isinstance(here, Part):
            return here.use, attrs.evolve(setting, type="the name of a component")
        inside, owner = _children(here)
        if key not in inside:
            known = [".".join((*keys[:depth], name)) for name in inside]
            hint = suggest(".".join(keys[: depth + 1]), known) or "it has no settings"
            raise UsageError(f"the recipe has no {'.'.join(keys)}", hint)
        setting = _setting(owner, key, stock) if owner else Setting(type="a stage")
        here, stock = inside[key], _stock(owner, key, stock, inside[key])
    return here, setting


def _stock(owner: type | None, key: str, stock: Any, value: Any) -> Any:
    """The settings that would be in the place of ``value`` by default, if of the same class.

    They need not be those of the class: ``OptimizerConfig(hold=100)``, a slot's default table.

    Args:
        owner: the config class that ``key`` is a field of.
        key: of the value.
        stock: the default settings that ``key`` is one of; None for those of the class.
        value: what the recipe has there.
    """
    if owner is None or key not in (field.name for field in attrs.fields(owner)):
        return None
    default = _default_value(getattr(attrs.fields(owner), key), stock)
    if isinstance(default, Part) and isinstance(value, Part):
        return default.config if default.use == value.use else None
    return default if attrs.has(type(default)) and type(default) is type(value) else None


def _default_value(field: attrs.Attribute[Any], stock: Any) -> Any:
    if stock is not None:
        return getattr(stock, field.name)
    try:
        return default_of(field)
    except RecipeError:  # a slot whose default component is not installed
        return None


def _children(value: Any) -> tuple[dict[str, Any], type | None]:
    """What is below a value by key, and the config class that owns it."""
    if isinstance(value, Recipe):
        names = [field.name for field in attrs.fields(RunSettings)]
        inside = {name: getattr(value, name) for name in names}
        return {**inside, "stages": dict(value.stages)}, RunSettings
    config = value.config if isinstance(value, Part) else value
    if attrs.has(type(config)):
        fields = attrs.fields(type(config))
        return {field.name: getattr(config, field.name) for field in fields}, type(config)
    return (dict(config), None) if isinstance(config, dict) else ({}, None)


def _setting(owner: type, key: str, stock: Any) -> Setting:
    if key not in (field.name for field in attrs.fields(owner)):
        return Setting(type="a table")  # the stages of a recipe
    field = getattr(attrs.fields(owner), key)
    metadata = field.metadata
    if kind := metadata.get("kind"):
        names = [component.name for component in registry().components(kind)]
        default = _slot_default(metadata)
        return Setting(default, f"component ({kind})", ", ".join(names), metadata.get("help", ""))
    words = in_words(annotations_of(owner)[key])
    default = _default_value(field, stock)
    told = _REQUIRED if default is attrs.NOTHING else _shown(to_plain(default))
    return Setting(told, words, allowed(metadata), metadata.get("help", ""))


def _slot_default(metadata: Mapping[str, Any]) -> str:
    default = metadata.get("default")
    if default is None:
        return "none" if metadata.get("optional") else _REQUIRED
    return toml_value(list(default) if isinstance(default, tuple) else default)


def _value_rows(told: Explanation) -> list[str]:
    layers = [f"  {where}: {_shown(value)}" for where, value in reversed(told.history)]
    return [f"{told.key} = {_shown(told.value)}", *layers]


def _table_rows(told: Explanation) -> list[str]:
    keys = split_key(told.key) or ()
    nested = reduce(lambda inside, key: {key: inside}, reversed(keys), told.value)
    return [*toml_document(nested).splitlines(), *(f"  {where}" for where, _ in told.history)]


def _shown(value: Any) -> str:
    return "unset" if value is None else toml_value(value)
