"""A JSON schema (draft 2020-12) of recipes, from the plugins that are installed, for editors.

A recipe need not be complete by itself, since files extend one another: nothing is required here.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import attrs

from wmframe.config import load_object
from wmframe.plugin import Component
from wmframe.recipe.annotations import (
    NONE_WORD,
    allows_none,
    annotations_of,
    is_array,
    is_mapping,
    union_members,
)
from wmframe.recipe.model import RunSettings
from wmframe.recipe.plain import to_plain
from wmframe.recipe.scalars import finite
from wmframe.registry import registry

Schema = dict[str, Any]

_SCALARS: Final = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    Path: "string",
}


def schema() -> Schema:
    """The schema of recipe files: a branch for each installed component where one can be used."""
    components = registry().components()
    kinds = {component.kind for component in components}
    run = _properties(RunSettings)
    stages = {"type": "object", "additionalProperties": _slot("stage", None)}
    layer = _object({**run, "stages": stages})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wmframe recipe",
        **_object({**layer["properties"], **_top_level()}),
        "$defs": {
            "profile": layer,
            **{f"{c.kind}:{c.name}": _component(c) for c in components},
            **{kind: _kind(c for c in components if c.kind == kind) for kind in sorted(kinds)},
        },
    }


def _top_level() -> Schema:
    files = {"type": "array", "items": {"type": "string"}}
    return {
        "extends": {"description": "recipes below this one", "anyOf": [{"type": "string"}, files]},
        "plugins": _object({"local": {**files, "description": "one-file plugins"}}),
        "profiles": {"type": "object", "additionalProperties": {"$ref": "#/$defs/profile"}},
    }


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _component(component: Component) -> Schema:
    names = sorted({component.name, component.name.removeprefix("wmframe.")})
    use = {"enum": names, "description": component.summary}
    try:
        config = load_object(component.config) if component.config else None
    except Exception:  # a plugin that does not load; its settings are anyone's guess
        return {"type": "object", "description": component.summary, "properties": {"use": use}}
    settings = _properties(config) if config else {}
    return {**_object({"use": use, **settings}), "description": component.summary}


def _kind(components: Iterable[Component]) -> Schema:
    """Any component of a kind, told apart by ``use``."""
    return {
        "oneOf": [
            {"$ref": f"#/$defs/{component.kind}:{component.name}", "required": ["use"]}
            for component in components
        ]
    }


def _slot(kind: str, default: str | None, optional: bool = False) -> Schema:
    """A slot: a branch for each component, and one for a table without ``use``."""
    unnamed: Schema = {"type": "object", "not": {"required": ["use"]}}
    found = [c for c in registry().components(kind) if default in (c.name, _short(c.name))]
    if default and found:
        unnamed["$ref"] = f"#/$defs/{kind}:{found[0].name}"
    chosen = [{"$ref": f"#/$defs/{kind}"}] if registry().components(kind) else []
    none = [_object({"use": {"const": NONE_WORD}})] if optional else []
    return {"anyOf": [*chosen, unnamed, *none]}


def _short(name: str) -> str:
    return name.removeprefix("wmframe.")


def _properties(config: type) -> Schema:
    types = annotations_of(config)
    fields = [field for field in attrs.fields(config) if field.init]
    return {field.name: _field(field, types[field.name]) for field in fields}


def _field(field: attrs.Attribute[Any], annotation: Any) -> Schema:
    metadata = field.metadata
    if metadata.get("many"):
        made: Schema = {"type": "array", "items": {"$ref": f"#/$defs/{metadata['kind']}"}}
    elif metadata.get("named"):
        slot = _slot(metadata["kind"], None)
        made = {"type": "object", "additionalProperties": _or_none(slot)}
    elif kind := metadata.get("kind"):
        default = (metadata.get("default") or {}).get("use")
        made = _slot(kind, default, bool(metadata.get("optional")))
    else:
        made = _limited(_type(annotation), field)
    return {**made, **({"description": metadata["help"]} if metadata.get("help") else {})}


def _or_none(made: Schema) -> Schema:
    return {"anyOf": [made, {"const": NONE_WORD}]}


def _limited(made: Schema, field: attrs.Attribute[Any]) -> Schema:
    metadata = field.metadata
    limits = {name: finite(metadata.get(name)) for name in ("minimum", "maximum")}
    target: Schema = made.get("items") or made.get("additionalProperties") or made
    target.update({name: limit for name, limit in limits.items() if limit is not None})
    if choices := metadata.get("choices"):
        none = [NONE_WORD] if {"const": NONE_WORD} in made.get("anyOf", ()) else []
        # a setting that is normalized takes more spellings than its choices
        target["examples" if metadata.get("normalize") else "enum"] = [*choices, *none]
    if isinstance(field.default, bool | int | float | str | tuple):
        made["default"] = to_plain(field.default)
    return made


def _type(annotation: Any) -> Schema:
    if members := union_members(annotation):
        options = [_type(member) for member in members]
        if allows_none(annotation):
            options.append({"const": NONE_WORD})
        return {"anyOf": options}
    if attrs.has(annotation):
        return _object(_properties(annotation))
    if is_array(annotation):
        items = get_args(annotation)[:1]
        return {"type": "array", "items": _type(items[0]) if items else {}}
    if is_mapping(annotation):
        return {"type": "object", "additionalProperties": _type((*get_args(annotation), Any)[1])}
    if get_origin(annotation) is Literal:
        return {"enum": list(get_args(annotation))}
    return {"type": _SCALARS[annotation]} if annotation in _SCALARS else {}
