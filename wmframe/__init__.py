"""wmframe: visual model-based reinforcement learning from composable plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wmframe.stages.evaluation.loading import load

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def __getattr__(name: str) -> Any:
    if name == "load":
        from wmframe.stages.evaluation.loading import load

        return load
    raise AttributeError(f"module 'wmframe' has no attribute {name!r}")
