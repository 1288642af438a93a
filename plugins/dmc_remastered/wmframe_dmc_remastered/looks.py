"""Looks: what a visual seed draws, in the order in which the reference draws it.

The order decides, because everything comes from one stream of Python's ``random``; so all is drawn,
whether or not it is in ``vary``. The domain's own numbers come from a second stream with the same
seed (Grigsby and Qi 2020, section 3; QData/dmc_remastered, ``generate_visuals.py``).
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from wmframe_dmc_remastered.domains import DOMAINS, MATERIALS, SKYBOX, VISUAL, Edit, Tone

SKIES: Final = 119
"""How many pictures of skies there are to draw from."""

FLOORS: Final = 383
"""How many pictures of floors."""

HEADLIGHT: Final = (
    Tone("light", VISUAL, ".//headlight", "ambient", (0.1, 0.8), 0.05),
    Tone("light", VISUAL, ".//headlight", "diffuse", (0.4, 0.9), 0.1),
    Tone("light", VISUAL, ".//headlight", "specular", (0.05, 0.3), 0.02),
)


class Look(NamedTuple):
    """How an episode looks, apart from the default look.

    Attributes:
        sky: which picture is the sky, from 0 to 118; None leaves the built-in gradient.
        floor: which picture is on the floor, from 0 to 382; None leaves the built-in checkers.
        edits: everything else.
    """

    sky: int | None = None
    floor: int | None = None
    edits: tuple[Edit, ...] = ()


def draw_look(seed: int, domain: str, vary: Collection[str]) -> Look:
    """The look of a visual seed, restricted to the factors in ``vary``.

    The reference recolours sky and floor for negative seeds whatever ``vary`` says; here it counts.
    """
    if seed == 0:
        return Look()
    rng = random.Random(seed)  # takes the absolute value, as random.seed does
    sky = rng.choice(range(SKIES)) if seed > 0 else None
    floor = rng.choice(range(FLOORS)) if seed > 0 else None
    edits = [*(_reflectance(rng) if seed > 0 else _recoloured(rng)), *_bodies(rng), *_light(rng)]
    rng = random.Random(seed)
    edits += [draw.draw(rng) for draw in DOMAINS[domain].draws]
    return Look(
        sky if "bg" in vary else None,
        floor if "floor" in vary else None,
        tuple(edit for edit in edits if edit.factor in vary),
    )


def _reflectance(rng: random.Random) -> Iterator[Edit]:
    value = str(rng.uniform(0.0, 0.5))
    yield Edit("reflectance", MATERIALS, _material("grid"), "reflectance", value)


def _recoloured(rng: random.Random) -> Iterator[Edit]:
    for factor, document in (("bg", SKYBOX), ("floor", MATERIALS)):
        for attribute in ("rgb1", "rgb2"):
            yield Edit(factor, document, ".//texture", attribute, _rgb(rng))


def _bodies(rng: random.Random) -> Iterator[Edit]:
    for factor, name in (("body", "self"), ("body", "effector"), ("target", "target")):
        yield Edit(factor, MATERIALS, _material(name), "rgba", _rgba(rng))


def _light(rng: random.Random) -> Iterator[Edit]:
    for tone in HEADLIGHT:
        yield tone.draw(rng)
    yield Edit("light", VISUAL, ".//quality", "shadowsize", str(rng.randint(1548, 2548)))


def _material(name: str) -> str:
    return f".//material[@name='{name}']"


def _rgb(rng: random.Random) -> str:
    return f"{rng.random()} {rng.random()} {rng.random()}"


def _rgba(rng: random.Random) -> str:
    alpha = rng.uniform(0.75, 1.0)  # drawn before the colour
    return f"{_rgb(rng)} {alpha}"
