"""``wmframe list-plugins``: installed plugins and their state."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from wmframe.registry import Plugin, Registry, registry


def list_plugins(
    components: Annotated[
        bool, typer.Option("--components", help="Show each component instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the installed plugins: version, distribution, kinds of components, ok or broken."""
    found = registry()
    if as_json:
        records = [plugin_record(plugin, components) for plugin in found.plugins]
        typer.echo(json.dumps(records, indent=2))
    elif components:
        echo_components(found)
    else:
        echo_plugins(found)


def echo_plugins(found: Registry) -> None:
    """Print a line for each plugin."""
    from wmframe.cli.text import echo_table

    rows = [
        (p.name, p.version, p.distribution, " ".join(p.kinds), p.verdict) for p in found.plugins
    ]
    echo_table(("name", "version", "distribution", "kinds", "state"), rows)


def echo_components(found: Registry) -> None:
    """Print a line for each component, then one for each broken plugin."""
    from wmframe.cli.text import echo_table

    rows = [(c.kind, c.name, c.summary) for c in found.components()]
    echo_table(("kind", "name", "summary"), rows)
    for plugin in found.plugins:
        if plugin.cause:
            typer.echo(f"{plugin} is {plugin.verdict}")


def plugin_record(plugin: Plugin, components: bool) -> dict[str, Any]:
    """A plugin for ``--json``."""
    record: dict[str, Any] = {
        "name": plugin.name,
        "version": plugin.version,
        "distribution": plugin.distribution,
        "kinds": list(plugin.kinds),
        "state": plugin.state,
        "cause": plugin.cause,
        "hint": plugin.hint,
    }
    if components:
        record["components"] = [
            {"kind": c.kind, "name": c.name, "summary": c.summary} for c in plugin.components
        ]
    return record
