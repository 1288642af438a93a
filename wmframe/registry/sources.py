"""Sources of plugins: entry points of installed distributions, and files named by a recipe.

Nothing of a plugin is imported here.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from wmframe.distributions import UNKNOWN, entry_points, read
from wmframe.errors import MissingError, PluginError

GROUP = "wmframe"
API_GROUP = "wmframe.api"


class Source(NamedTuple):
    """A plugin that was found, not yet imported.

    Attributes:
        name: the entry point's name, or the stem of a local file.
        distribution: what to install or uninstall; the path of a local file.
        version: of the distribution; ``local`` for a file.
        load: imports the plugin's light module.
        requires: the distribution's ``Requires-Dist`` lines.
        api: the interface that the plugin was written for, as ``v1``; None when it states none.
    """

    name: str
    distribution: str
    version: str
    load: Callable[[], object]
    requires: tuple[str, ...] = ()
    api: str | None = None

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


def installed_sources() -> list[Source]:
    """The plugins of every installed distribution, by name."""
    ours = entry_points((GROUP, API_GROUP))
    plugins = [ep for ep in ours if ep.group == GROUP]
    apis = {(ep.dist, ep.name): ep.value for ep in ours if ep.group == API_GROUP}
    known = {ep.dist: read(ep.dist) for ep in plugins if ep.dist}  # each access parses a file
    found = [
        Source(
            name=ep.name,
            distribution=known[ep.dist].name or UNKNOWN,
            version=known[ep.dist].version or UNKNOWN,
            load=ep.load,
            requires=known[ep.dist].requires,
            api=apis.get((ep.dist, ep.name)),
        )
        for ep in plugins
        if ep.dist
    ]
    return sorted(found, key=lambda source: (source.name, source.distribution))


def local_source(path: str | Path) -> Source:
    """A single-file plugin; its name is the file's stem.

    Raises:
        MissingError: there is no such file.
    """
    file = Path(path).resolve()
    if not file.is_file():
        raise MissingError(
            f"there is no local plugin {path}", "plugins.local names Python files by their path"
        )
    return Source(file.stem, str(file), "local", partial(import_file, file))


def import_file(file: Path) -> object:
    """Import a file under its stem, so that worker processes can unpickle its classes.

    Its folder goes to the end of ``sys.path``, which worker processes inherit.

    Raises:
        PluginError: another module has that name.
    """
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))
    found = find_spec(file.stem)
    if found is None or found.origin is None or Path(found.origin).resolve() != file:
        owner = "no module can have" if found is None else f"{found.origin or 'Python itself'} has"
        raise PluginError(f"{owner} the name {file.stem!r}", f"rename {file.name}")
    return importlib.import_module(file.stem)
