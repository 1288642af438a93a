"""The process-wide registry: discovered on first use, and again when local plugins are added."""

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
    """Add single-file plugins of a recipe's ``plugins.local``; they stay until the process ends.

    Raises:
        MissingError: a file does not exist.
        PluginError: a file cannot be used; as the recipe requires it, this is not ignored.
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
