"""What there is of Something-Something V2 below a folder, whatever it was unpacked to.

The publisher's archives give ``20bn-something-something-v2/ID.webm`` and ``labels/train.json``;
older ones called the latter ``something-something-v2-train.json``. Tools that extract frames make a
folder ``ID`` for each video, and list files (TSM, ContextWM) next to them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import attrs

from wmframe.data.folders import walk
from wmframe.errors import MissingError

URL: Final = "https://www.qualcomm.com/developer/software/something-something-v-2-dataset"
UNPACK: Final = "cat 20bn-something-something-v2-?? | tar zx"

DEPTH: Final = 4
"""How many folders below the root are looked into."""

ID: Final = re.compile(r"\d+")
VIDEO: Final = re.compile(r"(\d+)\.(?:webm|mp4)")
JSON: Final = re.compile(r"(?:something-something-v2-)?(labels|train|validation)\.json")
LIST: Final = re.compile(r"(train|val)_?video_?folder\.txt")
PART: Final = re.compile(r"20bn-something-something-v2-\d\d(?:\.zip)?")


@attrs.frozen
class Survey:
    """Files and folders by what they are for; where there are two, the first one that is met.

    Attributes:
        root: what is looked below.
        videos: files by the video's id.
        frames: folders of extracted frames by the video's id.
        labels: ``labels``, ``train`` and ``validation``, the publisher's JSON files.
        lists: ``train`` and ``val``, list files.
        categories: ``category.txt``, the names of the labels.
        parts: archives that are still packed.
    """

    root: Path
    videos: dict[str, Path] = attrs.field(factory=dict)
    frames: dict[str, Path] = attrs.field(factory=dict)
    labels: dict[str, Path] = attrs.field(factory=dict)
    lists: dict[str, Path] = attrs.field(factory=dict)
    categories: list[Path] = attrs.field(factory=list)
    parts: list[Path] = attrs.field(factory=list)

    def take(self, file: Path) -> None:
        """Note a file if it is one of the dataset's."""
        if found := VIDEO.fullmatch(file.name):
            self.videos.setdefault(found[1], file)
        elif found := JSON.fullmatch(file.name):
            self.labels.setdefault(found[1], file)
        elif found := LIST.fullmatch(file.name):
            self.lists.setdefault(found[1], file)
        elif file.name == "category.txt":
            self.categories.append(file)
        elif PART.fullmatch(file.name):
            self.parts.append(file)

    def media(self, source: str) -> dict[str, Path]:
        """A file or a folder of frames by the video's id.

        Args:
            source: ``videos``, ``frames``, or ``auto``, which prefers the former.

        Raises:
            MissingError: there are none.
        """
        chosen = {"videos": self.videos, "frames": self.frames}
        found = chosen.get(source, {**self.frames, **self.videos})
        if not found:
            sought = {"videos": "files ID.webm", "frames": "folders ID with frames in them"}
            what = sought.get(source, " or ".join(sought.values()))
            raise MissingError(f"below {self.root} are no {what}", self.how_to_get())
        return found

    def how_to_get(self) -> str:
        """What to do about missing videos."""
        if self.parts:
            folder = self.parts[0].parent
            return f"unpack the parts in {folder}, those in .zip with unzip before: {UNPACK}"
        return f"get the videos from {URL}, and unpack them below it: {UNPACK}"


def survey(root: Path) -> Survey:
    """Look below a folder.

    Raises:
        MissingError: it is none.
    """
    found = Survey(root)
    for folder, inner, files in walk(root, DEPTH, lambda name: not ID.fullmatch(name)):
        for name in filter(ID.fullmatch, inner):
            found.frames.setdefault(name, folder / name)
        for name in files:
            found.take(folder / name)
    return found
