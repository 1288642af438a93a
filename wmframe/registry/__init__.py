"""Installed plugins, their state and their components.

Loading has three levels: the metadata of the installed distributions, the light modules that
entry points of group ``wmframe`` name, and the targets of components, which are imported only when
a part is built. This package does the first two, so it imports neither torch nor a simulator.
"""

from __future__ import annotations

from wmframe.registry.catalog import Registry
from wmframe.registry.current import is_used, registry, use_local
from wmframe.registry.loader import Plugin

__all__ = ["Plugin", "Registry", "is_used", "registry", "use_local"]
