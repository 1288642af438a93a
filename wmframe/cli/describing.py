"""``wmframe describe NAME``: description and settings of a component."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from wmframe.cli.text import echo_columns
from wmframe.errors import WmframeError
from wmframe.registry import Plugin, Registry, registry

if TYPE_CHECKING:
    import attrs

    from wmframe.plugin import Component

FEW_WORDS = 60
"""Allowed values longer than this are listed below the table."""


class Row(NamedTuple):
    """A row of the table of settings."""

    name: str
    type: str
    default: str
    allowed: str
    help: str


def describe(
    name: Annotated[str, typer.Argument(help="A component or a plugin, see list-plugins.")],
) -> None:
    """Show a component and its settings, or the components of a plugin."""
    found = registry()
    plugins = [plugin for plugin in found.plugins if plugin.name == name]
    components = [c for c in found.components() if c.name in (name, f"wmframe.{name}")]
    if not plugins and not components:
        raise unknown(found, name)
    for plugin in plugins:
        echo_plugin(plugin)
    for component in components:
        echo_component(component, found.owner(component))


def unknown(found: Registry, name: str) -> Exception:
    """The error for an unknown name."""
    from wmframe.errors import MissingError
    from wmframe.suggest import suggest_component

    plugins = {plugin.name for plugin in found.plugins}
    known = {component.name for component in found.components()} | plugins
    return MissingError(f"nothing is called {name!r}", suggest_component(name, known, plugins))


def echo_plugin(plugin: Plugin) -> None:
    """Print a plugin and its components."""
    typer.echo(
        f"plugin {plugin.name}, from {plugin.distribution} {plugin.version}: {plugin.verdict}"
    )
    if plugin.hint:
        typer.echo(f"  hint: {plugin.hint}")
    echo_columns([(c.kind, c.name, c.summary) for c in plugin.components], indent=2)
    typer.echo()


def echo_component(component: Component, owner: Plugin) -> None:
    """Print a component and its settings."""
    typer.echo(f"{component.kind} {component.name}, from {owner.distribution} {owner.version}")
    typer.echo(f"  {component.summary}\n")
    if component.config is None:
        typer.echo("  no settings\n")
    else:
        echo_settings(component.config)
    if component.kind == "dataset":
        echo_card(component)


def echo_settings(config: str) -> None:
    """Print a table of the settings of the config class that ``config`` names."""
    from wmframe.config import load_object

    rows = list(rows_of(load_object(config)))
    long = [row for row in rows if len(row.allowed) > FEW_WORDS]
    short = [row._replace(allowed="see below") if row in long else row for row in rows]
    echo_columns([("SETTING", "TYPE", "DEFAULT", "ALLOWED", "MEANING"), *short], indent=2)
    for row in long:
        text = textwrap.fill(f"{row.name}: {row.allowed}", 96, subsequent_indent="  ")
        typer.echo("\n" + textwrap.indent(text, "  "))
    typer.echo()


def echo_card(component: Component) -> None:
    """Print the facts about a dataset: size, licence, source, citation."""
    from wmframe.config import default_part

    try:
        card = default_part("dataset", {"use": component.name}).build().card()
    except WmframeError as error:  # a setting without a default, or a package that is missing
        typer.echo(f"  no card: {error.message}\n")
        return
    width = max(map(len, card), default=0) + 2
    for fact, text in card.items():
        lines = textwrap.fill(
            text, 96, initial_indent=fact.ljust(width), subsequent_indent=" " * width
        )
        typer.echo(textwrap.indent(lines, "  "))
    typer.echo()


def rows_of(config: type, prefix: str = "", group: Any = None) -> Iterator[Row]:
    """A row for each setting of a config class by its dotted name, with nested groups.

    Args:
        config: the class.
        prefix: of every name.
        group: the owner's instance of a group, which holds the defaults; None for the class's.
    """
    import attrs
    from attrs import NOTHING

    from wmframe.recipe.annotations import annotations_of, default_of

    for field in attrs.fields(config):
        name, annotation = prefix + field.name, annotations_of(config)[field.name]
        slot = "kind" in field.metadata
        if group is not None:
            default = getattr(group, field.name)
        else:  # a slot's as declared, so that the component need not be installed
            default = field.metadata.get("default") if slot else default_of(field)
        if slot:
            yield slot_row(name, field, default)
        elif attrs.has(annotation):
            yield from rows_of(annotation, f"{name}.", None if default is NOTHING else default)
        else:
            yield setting_row(name, field, annotation, default)


def slot_row(name: str, field: attrs.Attribute[Any], default: Any) -> Row:
    """The row of a slot for components; ``default`` holds tables, or parts."""
    from wmframe.recipe.plain import to_plain

    kind, many = field.metadata["kind"], field.metadata.get("many")
    if field.metadata.get("named"):
        tables = to_plain(default).items()
        shown = ", ".join(f"{key}: {table['use']}" for key, table in tables)
        return Row(name, f"{kind}s by name", shown, "", field.metadata.get("help", ""))
    chosen = default if many else filter(None, [default])
    names = ", ".join(item["use"] if isinstance(item, dict) else item.use for item in chosen)
    empty = "none" if many or field.metadata.get("optional") else "required"
    type_ = f"{kind}s" if many else kind
    return Row(name, type_, names or empty, "", field.metadata.get("help", ""))


def setting_row(name: str, field: attrs.Attribute[Any], annotation: Any, value: Any) -> Row:
    """The row of a setting with a plain value, ``value`` by default."""
    import attrs

    from wmframe.recipe.annotations import in_words
    from wmframe.recipe.plain import to_plain
    from wmframe.recipe.scalars import allowed
    from wmframe.recipe.toml import toml_value

    missing = "none" if value is None else "required"
    default = missing if value in (None, attrs.NOTHING) else toml_value(to_plain(value))
    if len(default) > FEW_WORDS and not isinstance(value, str):
        default = f"{len(value)} of them"
    words = in_words(annotation).removeprefix("a ").removeprefix("an ")
    return Row(name, words, default, allowed(field.metadata), field.metadata.get("help", ""))
