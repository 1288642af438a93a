"""Registry: all plugins, components by kind and name, and events."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from contextlib import redirect_stdout
from itertools import groupby
from pathlib import Path
from typing import Any

import pluggy

from wmframe.errors import MissingError, PluginError
from wmframe.plugin import Component, Hooks
from wmframe.registry.loader import Plugin, clashing_plugins, describe, load_plugin
from wmframe.registry.sources import Source, installed_sources, local_source
from wmframe.suggest import suggest, suggest_component

CORE = "wmframe"
"""Name of the core's own plugin, which recipes may omit."""


def new_manager() -> pluggy.PluginManager:
    """A pluggy manager with wmframe's hooks and no plugin."""
    manager = pluggy.PluginManager("wmframe")
    manager.add_hookspecs(Hooks)
    return manager


class Registry:
    """The installed plugins. Each one is isolated: a broken one is listed and affects no other."""

    def __init__(
        self, plugins: Iterable[Plugin], manager: pluggy.PluginManager | None = None
    ) -> None:
        self.plugins = tuple(plugins)
        self._manager = manager or new_manager()
        self._by_name = {plugin.name: plugin for plugin in self.plugins}
        self._components = {(c.kind, c.name): c for p in self.plugins for c in p.components}
        self._reported: set[tuple[str, str]] = set()

    @classmethod
    def discover(cls, local: Iterable[str | Path] = ()) -> Registry:
        """Load all installed plugins and the ``local`` single-file plugins.

        Raises:
            MissingError: a local file does not exist. A broken file is listed as broken.
        """
        sources = [*installed_sources(), *map(local_source, local)]
        manager = new_manager()
        plugins: list[Plugin] = []
        for name, group in groupby(sorted(sources, key=_name), _name):
            same = list(group)
            clash = len(same) > 1
            plugins += clashing_plugins(name, same) if clash else [load_plugin(same[0], manager)]
        return cls(plugins, manager)

    def components(self, kind: str | None = None) -> list[Component]:
        """The components of a kind, or all, by name."""
        found = [c for c in self._components.values() if kind in (None, c.kind)]
        return sorted(found, key=lambda component: (component.kind, component.name))

    def plugin(self, name: str) -> Plugin:
        """A plugin by name, usable or not.

        Raises:
            MissingError: none of that name is installed.
        """
        if name not in self._by_name:
            raise MissingError(f"there is no plugin {name!r}", suggest(name, self._by_name))
        return self._by_name[name]

    def owner(self, component: Component) -> Plugin:
        """The plugin that declared a component."""
        return self._by_name[component.name.partition(".")[0]]

    def find(self, kind: str, name: str) -> Component:
        """The component of ``kind`` that a recipe's ``use`` names.

        Args:
            kind: one of :data:`wmframe.plugin.KINDS`.
            name: the full name, or a word for the core's component ``wmframe.<word>``.

        Raises:
            MissingError: there is none.
            PluginError: its plugin is installed but broken.
        """
        full = name if "." in name or name in self._by_name else f"{CORE}.{name}"
        found = self._components.get((kind, full))
        if found is None:
            raise self._missing(kind, name)
        return found

    def emit(self, event: str, **payload: Any) -> None:
        """Dispatch an event, the hook's name without ``wmframe_``, to every plugin.

        A plugin that fails is reported once, by a warning, and never stops the run.
        """
        hook = f"wmframe_{event}"
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            others = [p for p in self._manager.get_plugins() if p is not implementation.plugin]
            try:
                with redirect_stdout(sys.stderr):
                    self._manager.subset_hook_caller(hook, others)(**payload)
            except (Exception, SystemExit) as error:
                self._report(implementation.plugin_name, hook, error)

    def _report(self, name: str, hook: str, error: BaseException) -> None:
        if (name, hook) not in self._reported:
            self._reported.add((name, hook))
            text = f"plugin {self._by_name[name]} failed in {hook}: {describe(error)}; continuing"
            warnings.warn(text, RuntimeWarning, stacklevel=3)

    def _missing(self, kind: str, name: str) -> MissingError:
        prefix = name.partition(".")[0]
        plugin = self._by_name.get(prefix)
        if plugin is not None and plugin.cause:
            message = f"{name} is of the broken plugin {plugin}: {plugin.cause}"
            return PluginError(message, plugin.hint)
        known = {component.name for component in self.components(kind)}
        hint = suggest_component(name, known, self._by_name)
        if plugin is None and "." in name:
            message = f"no plugin {prefix!r} is installed, which {kind} {name!r} would be of"
            return MissingError(message, hint)
        others = [c.kind for c in self.components() if c.name in (name, f"{CORE}.{name}")]
        kinds = f" ({name} is of kind {', '.join(others)})" if others else ""
        return MissingError(f"there is no {kind} {name!r}{kinds}", hint)


def _name(source: Source) -> str:
    return source.name
