"""Load one plugin in isolation: a failure never affects other plugins."""

from __future__ import annotations

import importlib
import re
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pluggy

import wmframe
from wmframe import __version__
from wmframe.errors import PluginError, WmframeError
from wmframe.noise import stdout_to_stderr
from wmframe.plugin import API_VERSION, KINDS, Component
from wmframe.registry.sources import Source
from wmframe.suggest import suggest

COMPONENTS_HOOK = "wmframe_components"
MACHINERY = frozenset(Path(str(m.__file__)).parent for m in (importlib, pluggy, wmframe))
"""Folders whose stack frames do not help to locate a plugin's failure."""
_PROJECT = re.compile(r"[A-Za-z0-9._-]+")
_BOUND = re.compile(r" *(?P<sign>>=|<) *(?P<version>\d+(\.\d+){0,2}) *")


class Plugin(NamedTuple):
    """A plugin, its state and its components.

    Attributes:
        name: the entry point's name, which begins the name of each of its components.
        distribution: what to install or uninstall; the path of a local file.
        version: of the distribution; ``local`` for a file.
        components: what recipes can name; empty when broken.
        cause: why it is broken; empty when it works.
        hint: what to do about it.
    """

    name: str
    distribution: str
    version: str
    components: tuple[Component, ...] = ()
    cause: str = ""
    hint: str = ""

    @property
    def state(self) -> str:
        """``ok`` or ``broken``."""
        return "broken" if self.cause else "ok"

    @property
    def verdict(self) -> str:
        """The state, with the cause of a broken plugin."""
        return f"{self.state}: {self.cause}" if self.cause else self.state

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its components, sorted."""
        return tuple(sorted({component.kind for component in self.components}))

    def __str__(self) -> str:
        return f"{self.name} ({self.distribution} {self.version})"


def load_plugin(source: Source, manager: pluggy.PluginManager) -> Plugin:
    """Import a plugin's light module, register its hooks and collect its components.

    Never raises for the plugin's faults: an unusable plugin is returned with a cause.
    """
    plugin = Plugin(source.name, source.distribution, source.version)
    try:
        check_versions(source)
        with stdout_to_stderr():
            return plugin._replace(components=register(source, manager))
    except WmframeError as error:
        return plugin._replace(cause=error.message, hint=error.hint)
    except (Exception, SystemExit) as error:
        return plugin._replace(cause=describe(error), hint=f"fix or uninstall {source}")


def clashing_plugins(name: str, sources: Sequence[Source]) -> list[Plugin]:
    """Plugins with the same name: all are marked broken, since none has a better claim.

    If one won, the meaning of a recipe would depend on the order of ``sys.path``.
    """
    cause = f"the name {name!r} is claimed by {' and by '.join(map(str, sources))}"
    hint = "uninstall or rename all but one"
    return [Plugin(s.name, s.distribution, s.version, cause=cause, hint=hint) for s in sources]


def check_versions(source: Source) -> None:
    """Compare a plugin's required versions with this wmframe, before any of its code runs.

    Raises:
        PluginError: it was made for another version or another interface.
    """
    if source.api not in (None, f"v{API_VERSION}"):
        raise PluginError(
            f"{source} was written for plugin interface {source.api}; "
            f"wmframe {__version__} has v{API_VERSION}",
            f"install a version of {source.distribution} made for this wmframe",
        )
    for text in source.requires:
        if not admits_core(text):
            raise PluginError(
                f"{source} requires {text}; wmframe {__version__} is installed",
                f"install versions of wmframe and {source.distribution} that go together",
            )


def admits_core(text: str) -> bool:
    """Whether a ``Requires-Dist`` line admits this wmframe; lines of other distributions do.

    The usual bounds are compared here: importing packaging for them would take a tenth of the
    time of ``wmframe list-plugins``.
    """
    name = _PROJECT.match(text)
    if name is None or name[0].lower() != "wmframe":  # wmframe-acme is another distribution
        return True
    bounds = [_BOUND.fullmatch(bound) for bound in text.removeprefix(name[0]).split(",")]
    if all(bounds):
        core = _numbers(__version__)
        pairs = [(bound["sign"], _numbers(bound["version"])) for bound in bounds if bound]
        return all(core >= limit if sign == ">=" else core < limit for sign, limit in pairs)
    from packaging.requirements import Requirement

    requirement = Requirement(text)
    if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
        return True
    return requirement.specifier.contains(__version__, prereleases=True)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def register(source: Source, manager: pluggy.PluginManager) -> tuple[Component, ...]:
    """Register the plugin's hooks and return its components; a failure leaves nothing behind."""
    if "." in source.name:
        raise PluginError(f"entry point {source.name!r}: a plugin's name has no dot", "rename it")
    module = source.load()
    try:
        manager.register(module, source.name)
        manager.check_pending()
        others = [plugin for plugin in manager.get_plugins() if plugin is not module]
        results = manager.subset_hook_caller(COMPONENTS_HOOK, others)()
        components = tuple(component for result in results for component in result)
        check_components(source.name, components)
    except BaseException:
        if manager.get_plugin(source.name) is module:
            manager.unregister(name=source.name)
        raise
    return components


def check_components(plugin: str, components: Sequence[Component]) -> None:
    """Check a plugin's declarations.

    Raises:
        PluginError: a kind is unknown, a name lacks the plugin's prefix or comes twice, or a
            reference is not ``module:attribute``.
    """
    seen: set[tuple[str, str]] = set()
    for component in components:
        if not isinstance(component, Component):
            raise PluginError(
                f"{COMPONENTS_HOOK} yielded {component!r}", "yield wmframe.plugin.Component records"
            )
        name, kind = component.name, component.kind
        if kind not in KINDS:
            raise PluginError(f"{name}: there is no kind {kind!r}", suggest(kind, KINDS))
        if name != plugin and not name.startswith(f"{plugin}."):
            raise PluginError(
                f"{name}: a name begins with its plugin's",
                f"call it {plugin}.{name.split('.')[-1]}",
            )
        if (kind, name) in seen:
            raise PluginError(f"there are two components {name} of kind {kind}", "rename one")
        for reference in (component.target, component.config):
            if reference is not None and reference.count(":") != 1:
                raise PluginError(
                    f"{name}: {reference!r} names no object", "write module:attribute"
                )
        seen.add((kind, name))


def describe(error: BaseException) -> str:
    """An exception in one line, with the place in the plugin where it came from."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = f"{type(error).__name__}: {'; '.join(lines)}" if lines else type(error).__name__
    files = [(Path(f.filename), f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    outside = [(file, line) for file, line in files if not MACHINERY.intersection(file.parents)]
    if not outside or str(outside[-1][0]).startswith("<"):
        return text
    file, line = outside[-1]
    return f"{text} ({file.parent.name}/{file.name}:{line})"
