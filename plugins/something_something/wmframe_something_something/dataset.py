"""SomethingSomething: finds, lists and decodes the videos of Something-Something V2."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from wmframe.data.decoding import decode_images, decode_video
from wmframe.errors import MissingError
from wmframe.interfaces.dataset import Counts, RawVideo, VideoDataset
from wmframe_something_something.annotations import Row, names_of, rows_of
from wmframe_something_something.decoding import frame_paths
from wmframe_something_something.selection import select
from wmframe_something_something.survey import URL, Survey, survey

PUBLISHED: Final = {"train": 168_913, "val": 24_777}
"""Videos of each split that the publisher labels."""


class SomethingSomething(VideoDataset):
    """Videos of hands at everyday actions, 12 frames a second, in the publisher's splits.

    Videos that are listed and not there are left out with a warning, so that a part of the dataset
    can be packed, and the rest later. Settings as in
    :class:`~wmframe_something_something.config.SomethingSomethingConfig`.
    """

    name = "something_something"

    def __init__(
        self,
        path: str,
        weight: float,
        damaged: str,
        labels: Sequence[int | str],
        source: str,
        train_list: str,
        val_list: str,
    ) -> None:
        super().__init__(path, weight, damaged)
        self.labels = tuple(labels)
        self.source = source
        self.lists = {"train": train_list, "val": val_list}

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """See :class:`~wmframe.interfaces.VideoDataset`; in the order of the publisher's file.

        Raises:
            MissingError: videos or labels are not there.
            DamagedError: the labels cannot be read.
            UsageError: a requested label does not exist.
        """
        if split not in PUBLISHED:
            raise MissingError(
                f"{self.name} has no split {split!r}", "train and val are those with labels"
            )
        found = survey(root)
        names = names_of(found)
        rows = rows_of(found, split, self.lists[split], names)
        return self._present(found, select(rows, self.labels, names))

    def _present(self, found: Survey, rows: Sequence[Row]) -> list[RawVideo]:
        media = found.media(self.source)
        absent = [row.id for row in rows if row.id not in media]
        which = f"listed videos are not below {found.root}, such as {', '.join(absent[:3])}"
        if absent and len(absent) == len(rows):
            raise MissingError(f"all {len(rows):,} {which}", found.how_to_get())
        if absent:
            warnings.warn(
                f"{len(absent):,} of {len(rows):,} {which}; pack again when they are, and only "
                "they are added",
                stacklevel=3,
            )
        return [raw(row, media[row.id]) for row in rows if row.id in media]

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """See :class:`~wmframe.interfaces.VideoDataset`; every frame, without cropping."""
        if video.path.is_dir():
            return decode_images(frame_paths(video.path, video.stop), size)
        return decode_video(video.path, size)

    def expected(self, root: Path, split: str) -> Counts | None:
        """The published counts; None of some labels or of a list file that is named."""
        return None if self.labels or self.lists[split] else Counts(PUBLISHED[split])

    def card(self) -> dict[str, str]:
        """See :class:`~wmframe.interfaces.VideoDataset`; counts as published."""
        return {
            "videos": "220,847, of which 193,690 have labels; those have 8 to 170 frames, 45.6 on "
            "average, 12 a second; about 20 GB",
            "splits": "train 168,913 videos (7.62 million frames), val 24,777 (1.21 million); the "
            "test split has no labels and is not used",
            "labels": "174, such as 'Pushing something from left to right' (93)",
            "packed": "about 13 GB as strips of 64x64, 107 GB as arrays",
            "source": URL,
            "licence": "the publisher's own, for research; read and accept it where you download",
            "citation": "Goyal et al. 2017, arXiv 1706.04261",
        }


def raw(row: Row, path: Path) -> RawVideo:
    """A listed video and its file or folder; lists count the frames of folders."""
    return RawVideo(row.id, path, row.label, stop=None if path.suffix else row.frames)
