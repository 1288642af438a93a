"""What each domain draws of its own, and where its default look departs from dm_control's.

Facts of the reference (QData/dmc_remastered at commit 8947fdd): ranges in metres, order of draws,
and the values in its model files.
"""

from __future__ import annotations

import random
from typing import Final, NamedTuple

MODEL: Final = "model"
MATERIALS: Final = "./common/materials.xml"
SKYBOX: Final = "./common/skybox.xml"
VISUAL: Final = "./common/visual.xml"

Interval = tuple[float, float]


class Edit(NamedTuple):
    """One attribute of one XML element.

    Attributes:
        factor: the name in ``vary`` that it belongs to; empty for the default look.
        document: :data:`MODEL` or the file that the model includes.
        path: the element, as ElementTree finds it.
        attribute: which attribute.
        value: what is written there.
    """

    factor: str
    document: str
    path: str
    attribute: str
    value: str


class Place(NamedTuple):
    """Numbers drawn one after the other, in ``low + (high - low) * u`` each."""

    factor: str
    path: str
    intervals: tuple[Interval, ...]
    attribute: str = "pos"
    form: str = "{} {} {}"

    def draw(self, rng: random.Random) -> Edit:
        """The edit; as many draws as there are intervals."""
        numbers = [rng.uniform(*interval) for interval in self.intervals]
        return Edit(self.factor, MODEL, self.path, self.attribute, self.form.format(*numbers))


class Tone(NamedTuple):
    """A grey level and a deviation from it for red, green and blue each."""

    factor: str
    document: str
    path: str
    attribute: str
    level: Interval
    spread: float

    def draw(self, rng: random.Random) -> Edit:
        """The edit; four draws."""
        level = rng.uniform(*self.level)
        rgb = [level + rng.uniform(-self.spread, self.spread) for _ in range(3)]
        value = " ".join(map(str, rgb))
        return Edit(self.factor, self.document, self.path, self.attribute, value)


class Domain(NamedTuple):
    """A domain: what a visual seed draws, in order, and what its default look has of its own."""

    draws: tuple[Place | Tone, ...]
    defaults: tuple[Edit, ...] = ()


def _camera(name: str, x: Interval, y: Interval, z: Interval) -> Place:
    return Place("camera", f".//camera[@name='{name}']", (x, y, z))


def _light(name: str, x: Interval, y: Interval, z: Interval) -> Place:
    return Place("light", f".//light[@name='{name}']", (x, y, z))


def _default(path: str, attribute: str, value: str, document: str = MODEL) -> Edit:
    return Edit("", document, path, attribute, value)


FINGER_LIGHT: Final = ".//light[@name='light']"
PENDULUM_CAMERA: Final = ".//camera[@name='fixed']"

DOMAINS: Final = {
    "ball_in_cup": Domain(
        (
            _camera("cam0", (-0.05, 0.05), (-0.9, -1.1), (0.8, 1.0)),
            _light("light", (-0.5, 0.5), (-0.5, 0.5), (1.2, 2.7)),
        ),
        (_default(".//camera[@name='cam0']", "pos", "0 -1 .9"),),
    ),
    "cartpole": Domain(
        (
            _camera("fixed", (-0.15, 0.15), (-5.0, -3.0), (0.8, 1.2)),
            _light("light", (-1, 1), (-1, 1), (4.5, 7.5)),
        )
    ),
    "cheetah": Domain(
        (
            _camera("side", (-0.25, 0.25), (-3.2, -2.8), (-0.25, 0.25)),
            _light("light", (-2, 2), (-2, 2), (1, 5)),
        ),
        (_default(".//geom[@name='ground']", "size", "100 15 .5"),),
    ),
    "finger": Domain(
        (
            _camera("cam0", (-0.02, 0.02), (-1.01, -0.99), (0.7, 1.0)),
            _light("light", (-0.8, 0.8), (-0.8, 0.8), (1.0, 3.0)),
            Tone("light", MODEL, FINGER_LIGHT, "diffuse", (0.5, 1.1), 0.02),
            Tone("light", MODEL, FINGER_LIGHT, "specular", (0.0, 1.2), 0.02),
        )
    ),
    "fish": Domain(
        (
            _camera("tracking_top", (-0.05, 0.05), (-0.05, 0.05), (0.8, 1.2)),
            _light("light", (-0.3, 0.3), (-0.3, 0.3), (0.0, 1.0)),
        )
    ),
    "hopper": Domain(
        (
            _camera("cam0", (-0.15, 0.15), (-3.0, -2.6), (0.6, 1.0)),
            Place("camera", ".//camera[@name='cam0']", ((85, 95), (-5, 5), (-5, 5)), "euler"),
        )
    ),
    "humanoid": Domain(
        (
            _camera("back", (-3.5, -2.5), (-0.5, 0.5), (0.5, 1.5)),
            _light("top", (-0.7, 0.7), (-0.7, 0.7), (1.2, 1.8)),
        )
    ),
    "pendulum": Domain(
        (
            Place("camera", PENDULUM_CAMERA, ((0.4, 0.6),), "xyaxes", "1 0 0 0 {} 1"),
            _camera("fixed", (0.0, 0.2), (-1.1, -0.97), (1.3, 1.6)),
            _light("light", (-0.5, 0.5), (-0.2, 0.2), (1.2, 2.8)),
        ),
        (
            _default(PENDULUM_CAMERA, "pos", ".1 -1. 1.5"),
            _default(PENDULUM_CAMERA, "xyaxes", "1 0 0 0 .5 1"),
        ),
    ),
    "reacher": Domain(
        (
            _camera("fixed", (-0.05, 0.05), (-0.05, 0.05), (0.7, 0.8)),
            _light("light", (-0.2, 0.2), (-0.2, 0.2), (0.15, 0.75)),
        ),
        (_default(".//light[@name='light']", "pos", "0 0 .5"),),
    ),
    "walker": Domain((_camera("side", (-0.3, 0.3), (-2.05, -1.95), (0.6, 0.8)),)),
}
"""By the domain's name; its light is what the headlight does not draw."""

DEFAULTS: Final = tuple(
    _default(f".//{element}[@name='grid']", attribute, value, MATERIALS)
    for element, attribute, value in (
        ("texture", "gridsize", "3 3"),
        ("texture", "width", "800"),
        ("texture", "height", "800"),
        ("material", "texrepeat", "3 3"),
    )
)
"""Where the reference's default floor departs from dm_control's, in every domain."""
