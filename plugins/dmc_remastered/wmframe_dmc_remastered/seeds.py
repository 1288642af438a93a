"""Which seeds an environment draws from: one, a list, or a range such as ``"1..1000000"``."""

from __future__ import annotations

import random
import re
from typing import Final, NamedTuple

HIGHEST: Final = 2**32 - 1
"""What numpy's older generator takes, which draws looks as the publisher did."""

Seeds = int | str | tuple[int, ...]
"""One seed, a range ``"LOW..HIGH"`` with both ends in it, or a list to choose from evenly."""


class EpisodeSeeds(NamedTuple):
    """What an episode is made of.

    Attributes:
        dynamics: fixes the simulator's initial state, as in the Control Suite.
        visual: fixes the look: 0 the default, negative recoloured, positive with pictures.
    """

    dynamics: int
    visual: int


def visual_seeds(value: Seeds) -> Seeds:
    """The seeds as given, if they can be drawn from.

    Raises:
        ValueError: a range is misspelt, upside down or too wide, or the list is empty.
    """
    if isinstance(value, str):
        if max(map(abs, bounds(value))) > HIGHEST:
            raise ValueError(f"seeds lie between -{HIGHEST} and {HIGHEST}")
    elif not isinstance(value, int) and not value:
        raise ValueError('no seed to draw; write one, a list, or a range such as "1..100"')
    return value


def dynamics_seeds(value: Seeds) -> Seeds:
    """The seeds as given, if a simulator can be seeded with them: from 0 to 2**32 - 1.

    Raises:
        ValueError: they cannot.
    """
    visual_seeds(value)
    text = f"{value}..{value}" if isinstance(value, int) else value
    low, high = bounds(text) if isinstance(text, str) else (min(text), max(text))
    if low < 0 or high > HIGHEST:
        raise ValueError(f"dynamics seeds lie between 0 and {HIGHEST}")
    return value


def bounds(text: str) -> tuple[int, int]:
    """The ends of a range.

    Raises:
        ValueError: it is misspelt or upside down.
    """
    found = re.fullmatch(r"\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*", text)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f'{text!r} is no range of seeds; write "1..100", a list, or one number')
    return int(found[1]), int(found[2])


def draw(seeds: Seeds, rng: random.Random) -> int:
    """One of the seeds, each as likely as the others."""
    if isinstance(seeds, int):
        return seeds
    return rng.randint(*bounds(seeds)) if isinstance(seeds, str) else rng.choice(seeds)


def episode_seeds(seed: int, visual: Seeds, dynamics: Seeds) -> EpisodeSeeds:
    """Both seeds of the episode that ``seed`` fixes, drawn in the reference's order."""
    rng = random.Random(seed)
    return EpisodeSeeds(draw(dynamics, rng), draw(visual, rng))
