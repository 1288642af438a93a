"""The process's registry: discovered on first use, again when a recipe brings local plugins."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from wmframe.errors import PluginError
from wmframe.registry.catalog import Registry

_local: tuple[Path, ...] = ()


def registry() -> Registry:
    """The process-wide registry, with the local plugins added so far."""
    return _discover(_local)


def is_used(path: Path) -> bool:
    """Whether a local plugin was added before."""
    return path.resolve() in _local


def use_local(paths: Iterable[str | Path]) -> Registry:
    """Add one-file plugins, as a recipe's ``plugins.local`` asks; they stay until the process ends.

    Raises:
        MissingError: a file is not there.
        PluginError: a file cannot be used; it was asked for, so this is not passed over.
    """
    global _local
    added = [Path(path).resolve() for path in paths]
    wanted = tuple(dict.fromkeys((*_local, *added)))
    found = _discover(wanted)
    for plugin in found.plugins:
        if plugin.cause and plugin.distribution in map(str, added):
            raise PluginError(f"local plugin {plugin.distribution}: {plugin.cause}", plugin.hint)
    _local = wanted
    return found


@cache
def _discover(local: tuple[Path, ...]) -> Registry:
    return Registry.discover(local)
