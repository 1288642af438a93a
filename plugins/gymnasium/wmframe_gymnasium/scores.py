"""Scores in a step's ``info``."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Final

from wmframe.errors import SimulatorError
from wmframe.suggest import suggest
from wmframe_gymnasium.config import Reduction

SPELLINGS: Final = {"success": "is_success"}
"""A score under another name: the Fetch and hand tasks of Gymnasium-Robotics have the second."""


def reductions(rules: Mapping[str, Reduction]) -> dict[str, str]:
    """The rules as :attr:`wmframe.interfaces.EnvSuite.scores` has them."""
    return {key: "max" if how == "ever" else how for key, how in rules.items()}


class ScoreReader:
    """Finds scores in infos, and stands in for those that an environment did not mention.

    Some environments report a success only when there is one, so a score that no step of an
    episode mentioned is 0; the first time, a warning says so, since the key may be wrong.

    Args:
        rules: the setting ``scores``.
    """

    def __init__(self, rules: Mapping[str, Reduction]) -> None:
        self._rules = rules
        self._seen: set[str] = set()
        self._warned = False

    def clear(self) -> None:
        """Begin an episode."""
        self._seen.clear()

    def read(self, info: Mapping[str, Any]) -> dict[str, float]:
        """The scores that one step mentions.

        Raises:
            SimulatorError: one is no number.
        """
        found = {key: look_up(info, key) for key in self._rules}
        scores = {
            key: _number(key, value, self._rules[key])
            for key, value in found.items()
            if value is not None
        }
        self._seen |= scores.keys()
        return scores

    def missing(self, info: Mapping[str, Any]) -> dict[str, float]:
        """Zeros for the scores that no step of the episode mentioned; ``info`` is its last."""
        missing = [key for key in self._rules if key not in self._seen]
        if missing and not self._warned:
            self._warned = True
            warnings.warn(_complaint(missing, info), stacklevel=2)
        return dict.fromkeys(missing, 0.0)


def look_up(info: Mapping[str, Any], key: str) -> Any:
    """The value of a key, ``A/B`` being B in the dict A; None where there is none."""
    names = [key, *filter(None, [SPELLINGS.get(key)])]
    for name in names:
        if name in info:
            return info[name]
    outer, _, inner = key.partition("/")
    inside = info.get(outer)
    return look_up(inside, inner) if inner and isinstance(inside, Mapping) else None


def _number(key: str, value: Any, how: Reduction) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        hint = f"name a number in scores; {key}/NAME looks into a dict"
        raise SimulatorError(f"info[{key!r}] is no number but {value!r:.80}", hint) from error
    return float(number > 0) if how == "ever" else number


def _complaint(missing: list[str], info: Mapping[str, Any]) -> str:
    hints = [f"{key!r}: {suggest(key, map(str, info)) or 'info is empty'}" for key in missing]
    return "no step of an episode scored what scores names, so it counts as 0; " + "; ".join(hints)
