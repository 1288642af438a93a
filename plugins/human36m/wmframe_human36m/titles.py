"""What the names of Human3.6M's frames say, and which videos are of which split.

``S9_Directions_1.54138969_000006.jpg`` is frame 6 of subject 9, action Directions, second take,
before camera 54138969. All but the number is the title of the video. Pavlakos et al. 2017 kept
every fifth frame: 1, 6, 11, ...
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import attrs

Division = Literal["subjects", "full", "sv"]

SUBJECTS: Final = (1, 5, 6, 7, 8, 9, 11)
VALID_SUBJECTS: Final = (9, 11)
"""Whose frames the publisher's ``valid`` annotations are about; ``train`` has the others."""

CAMERAS: Final = ("54138969", "55011271", "58860488", "60457274")
EVERY: Final = 5
"""Frames of the film for one that was kept, so that 10 of 50 are left for a second."""

TITLE: Final = re.compile(r"S(\d+)_([A-Za-z]+)(?:_\d+)?\.(\d+)")
FRAME: Final = re.compile(r"(S\d+_[A-Za-z]+(?:_\d+)?\.\d+)_(\d+)\.jpg")

SV_VALID: Final = frozenset(
    f"{take}.{camera}"
    for take, cameras in {
        "S1_Directions": CAMERAS[:3],
        "S5_Directions_1": CAMERAS[:3],
        "S6_Directions": CAMERAS[:3],
        "S7_Directions": CAMERAS[:3],
        "S8_Directions": CAMERAS[:2],
        "S9_Directions": CAMERAS[:2],
        "S11_Directions": CAMERAS[1:],  # the publisher has no frames of the first
    }.items()
    for camera in cameras
)
"""The 19 videos of ContextWM's ``human_sv_valid.txt``; ``human_sv_train.txt`` has the other 820."""

PUBLISHED: Final[Mapping[tuple[Division, str], int]] = {
    ("subjects", "train"): 600,
    ("subjects", "val"): 239,
    ("full", "train"): 839,
    ("full", "val"): 239,
    ("sv", "train"): 820,
    ("sv", "val"): 19,
}
"""Videos of each split."""


@attrs.frozen
class Title:
    """A video's name, taken apart.

    Attributes:
        text: as the publisher writes it.
        subject: number of the person.
        action: what they do.
        camera: serial number.
    """

    text: str
    subject: int
    action: str
    camera: str

    @classmethod
    def parse(cls, text: str) -> Title | None:
        """A title from its text; None if it is not one."""
        found = TITLE.fullmatch(text)
        return found and cls(text, int(found[1]), found[2], found[3])

    @classmethod
    def of_key(cls, key: str) -> Title | None:
        """The title that :attr:`key` was made of; None if it was not."""
        return cls.parse(key.replace("-", "."))

    @property
    def key(self) -> str:
        """The title with the characters that keys may have."""
        return self.text.replace(".", "-")

    def frame(self, index: int) -> str:
        """File name of the frame at a place, from 0."""
        return f"{self.text}_{index * EVERY + 1:06d}.jpg"


def subjects_of(division: Division, split: str) -> tuple[int, ...]:
    """The subjects that a split shows."""
    if division == "sv" or (division == "full" and split == "train"):
        return SUBJECTS
    held_out = split == "val"
    return tuple(subject for subject in SUBJECTS if (subject in VALID_SUBJECTS) == held_out)


def belongs(title: Title, division: Division, split: str) -> bool:
    """Whether a video is of a split (``train`` or ``val``)."""
    if division == "sv":
        return (title.text in SV_VALID) == (split == "val")
    return title.subject in subjects_of(division, split)
