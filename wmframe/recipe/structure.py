"""Values to frozen, typed settings: components by their names, settings by their config classes.

Every fault is gathered, with the place where it was written. Nothing is built here, and neither
torch nor a simulator is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from wmframe.config import Part, load_object
from wmframe.errors import RecipeError, WmframeError
from wmframe.plugin import Component
from wmframe.recipe.annotations import NONE_WORD, annotations_of, default_of, in_words
from wmframe.recipe.faults import FAILED, Place
from wmframe.recipe.plain import plain_settings, to_plain
from wmframe.recipe.scalars import Mismatch, allowed, check, describe
from wmframe.recipe.toml import toml_value
from wmframe.recipe.tree import (
    DEFAULT_LAYER,
    Node,
    Origin,
    for_chosen_component,
    merge,
    wrap,
)
from wmframe.recipe.values import Values, describe_hint
from wmframe.registry import registry
from wmframe.suggest import suggest


def structure_part(kind: str, table: Mapping[str, Any]) -> Part:
    """Make a component's settings from plain values.

    Raises:
        RecipeError: with every fault.
        MissingPluginError: if all that is wrong is that plugins are missing.
    """
    work = Structurer()
    part = work.part(kind, wrap(table, Origin("default")), Place((), kind))
    work.finish()
    return part  # type: ignore[no-any-return]


class Structurer(Values):
    """Turns nodes into settings and gathers what is wrong with them."""

    def table(self, config: type, node: Node, place: Place) -> Any:
        """Make a ``config`` of a table, or note what is wrong and return FAILED."""
        if not node.is_table:
            return self.wrong_type(node, place, "a table", f"write [{place}]")
        fields = {field.name: field for field in attrs.fields(config) if field.init}
        self.unknown_keys(node, fields, place)
        values = {
            field.alias: self._field(annotations_of(config)[name], field, node, place.key(name))
            for name, field in fields.items()
        }
        if any(value is FAILED for value in values.values()):
            return FAILED
        given = {name: value for name, value in values.items() if value is not attrs.NOTHING}
        return self._construct(config, given, node, place)

    def part(self, kind: str, table: Node, place: Place, *, optional: bool = False) -> Any:
        """Make the component that a table chooses; None where an optional slot is emptied.

        Returns:
            a :class:`wmframe.config.Part`, None, or FAILED.
        """
        if not table.is_table:
            hint = f'write {place} = {{ use = "NAME" }}'
            return self.wrong_type(table, place, f"a table that names a component ({kind})", hint)
        table = for_chosen_component(table)
        use = table.value.get("use")
        if use is None:
            return self.no_component(kind, table, place)
        if optional and use.value == NONE_WORD:
            return None
        component = self._find(kind, use, place.key("use"))
        return FAILED if component is None else self._configured(component, table, place)

    def unknown_keys(self, node: Node, known: Iterable[str], place: Place) -> None:
        """Note every key of a table that is not ``known``."""
        known = tuple(known)
        for key in [key for key in node.value if key not in known]:
            hint = suggest(key, known) or "it has no settings; remove the key"
            self.fault(node.value[key], place.key(key), f"{place.owner} has no such setting", hint)

    def wrong_type(self, node: Node, place: Place, expected: str, hint: str) -> Any:
        """Note that a value is of another type; returns FAILED."""
        return self.fault(node, place, f"expected {expected}, got {describe(node.plain())}", hint)

    def no_component(self, kind: str, node: Node, place: Place) -> Any:
        """Note that a slot was not filled; returns FAILED."""
        names = ", ".join(component.name for component in registry().components(kind))
        message = f"no component of kind {kind} is chosen"
        return self.fault(node, place, message, f'add use = "NAME", one of: {names or "(none)"}')

    def _field(
        self, annotation: Any, field: attrs.Attribute[Any], table: Node, place: Place
    ) -> Any:
        node = table.value.get(field.name)
        if field.metadata.get("many"):
            return attrs.NOTHING if node is None else self._parts(field, node, place)
        if field.metadata.get("named"):
            return attrs.NOTHING if node is None else self._named(field, node, place)
        if "kind" in field.metadata:
            return self._slot(field, node, table, place)
        if node is not None:
            return self._given(field, annotation, node, place)
        if field.default is not attrs.NOTHING:
            return attrs.NOTHING
        about = [field.metadata.get("help"), allowed(field.metadata)]
        hint = f"add {field.name} = ... ({'; '.join(filter(None, about)) or in_words(annotation)})"
        return self.fault(table, place, f"{place.owner} needs this setting", hint)

    def _slot(
        self, field: attrs.Attribute[Any], node: Node | None, table: Node, place: Place
    ) -> Any:
        kind, default = field.metadata["kind"], field.metadata.get("default")
        optional = bool(field.metadata.get("optional"))
        if default is not None:
            lowest = wrap(default, (node or table).origin, DEFAULT_LAYER)
            node = lowest if node is None else merge(lowest, node)
        if node is not None:
            return self.part(kind, node, place, optional=optional)
        return None if optional else self.no_component(kind, table, place)

    def _parts(self, field: attrs.Attribute[Any], node: Node, place: Place) -> Any:
        if not isinstance(node.value, list):
            return self.wrong_type(
                node, place, "an array of tables", f'write {place} = [{{ use = "NAME" }}]'
            )
        kind = field.metadata["kind"]
        made = tuple(self.part(kind, child, place.key(i)) for i, child in enumerate(node.value))
        return FAILED if any(part is FAILED for part in made) else made

    def _named(self, field: attrs.Attribute[Any], node: Node, place: Place) -> Any:
        if not node.is_table:
            return self.wrong_type(node, place, "a table of components by name", f"write [{place}]")
        kind, tables = field.metadata["kind"], _over(field.metadata["default"], node)
        made = {
            name: self.part(kind, child, place.key(name)) for name, child in tables.value.items()
        }
        return FAILED if any(part is FAILED for part in made.values()) else made

    def _given(self, field: attrs.Attribute[Any], annotation: Any, node: Node, place: Place) -> Any:
        default = default_of(field)
        if node.is_table and attrs.has(type(default)):
            node = merge(wrap(plain_settings(default), node.origin, DEFAULT_LAYER), node)
        elif node.is_table and isinstance(default, Mapping):
            node = _over(to_plain(default), node)
        try:
            value = self.value(node, annotation, place)
            return value if value is FAILED else check(value, field.metadata)
        except Mismatch as mismatch:
            return self.refused(node, place, str(mismatch), mismatch.hint or _hint(field, place))

    def _construct(self, config: type, values: Mapping[str, Any], node: Node, place: Place) -> Any:
        try:
            return config(**values)
        except RecipeError as error:  # a default component is not installed
            return self.take(error)
        except (ValueError, TypeError) as error:  # what the config class itself checks
            return self.refused(node, place, str(error), describe_hint(place))

    def _find(self, kind: str, use: Node, place: Place) -> Component | None:
        try:
            if isinstance(use.value, str):
                return registry().find(kind, use.value)
            hint = 'write use = "NAME"'
            self.wrong_type(use, place, f"the name of a component ({kind})", hint)
        except WmframeError as error:
            self.missing(use, place, error.message, error.hint)
        return None

    def _configured(self, component: Component, table: Node, place: Place) -> Any:
        name = component.name
        place = Place(place.path, name)
        settings = {key: child for key, child in table.value.items() if key != "use"}
        rest = attrs.evolve(table, value=settings)
        if component.config is None:
            self.unknown_keys(rest, (), place)
            return Part(name, None, component)
        try:
            config_class = load_object(component.config)
        except Exception as error:  # whatever a plugin's module does must not end in a traceback
            hint = f"`wmframe list-plugins` shows what provides {name}"
            return self.missing(table, place, f"its settings do not load: {error!r}", hint)
        config = self.table(config_class, rest, place)
        return FAILED if config is FAILED else Part(name, config, component)


def _over(default: Mapping[str, Any], node: Node) -> Node:
    """A table laid over the default one, without the entries that it empties."""
    table = merge(wrap(default, node.origin, DEFAULT_LAYER), node)
    kept = {name: child for name, child in table.value.items() if child.value != NONE_WORD}
    return attrs.evolve(table, value=kept)


def _hint(field: attrs.Attribute[Any], place: Place) -> str:
    if limits := allowed(field.metadata):
        return f"allowed: {limits}"
    default = default_of(field)
    if isinstance(default, bool | int | float | str):
        return f"the default is {toml_value(default)}"
    return describe_hint(place)
