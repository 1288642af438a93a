"""YoutubeDriving: finds, thins, crops and decodes the driving videos of ACO."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from wmframe.data.decoding import resize
from wmframe.data.pictures import read_picture
from wmframe.errors import DamagedError, MissingError
from wmframe.interfaces.dataset import Counts, RawVideo, VideoDataset
from wmframe_youtube_driving.splits import HELD_OUT, by_folder, by_list
from wmframe_youtube_driving.survey import URL, Run, survey

PUBLISHED: Final = {"train": Counts(77, 1_507_459), "val": Counts(11, 212_866)}
"""Each split in the lists of ContextWM (Wu et al. 2023)."""

THINNED: Final = (99, 5)
"""``skip`` and ``every`` of those lists."""


class YoutubeDriving(VideoDataset):
    """Long drives, thinned and cropped as ContextWM's script does; splits are whole folders.

    Settings as in :class:`~wmframe_youtube_driving.config.YoutubeDrivingConfig`.
    """

    name = "youtube_driving"

    def __init__(
        self,
        path: str,
        weight: float,
        damaged: str,
        skip: int,
        every: int,
        source: str,
        held_out: Sequence[str],
        train_list: str,
        val_list: str,
    ) -> None:
        super().__init__(path, weight, damaged)
        self.skip = skip
        self.every = every
        self.source = source
        self.held_out = tuple(held_out)
        self.lists = {"train": train_list, "val": val_list}

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """See :class:`~wmframe.interfaces.VideoDataset`; by folder, or in the order of the list.

        Raises:
            MissingError: frames, or the videos of a list, are not there.
            DamagedError: a list cannot be read.
        """
        if split not in PUBLISHED:
            raise MissingError(f"{self.name} has no split {split!r}", "it has train and val")
        found = survey(root)
        runs = found.runs(self.source, skip=self.skip, every=self.every)
        given = self.lists[split]
        if given:
            return by_list(runs, root / Path(given).expanduser())
        if self.held_out:
            return by_folder(runs, split, self.held_out)
        listed = found.lists.get(split)
        return by_list(runs, listed) if listed else by_folder(runs, split, HELD_OUT)

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """See :class:`~wmframe.interfaces.VideoDataset`; a square from each frame's centre."""
        if not isinstance(video, Run):
            raise DamagedError(f"{video.key} is no run of frames; take what videos() gives")
        frames_THWC = np.empty((len(video.numbers), size, size, 3), np.uint8)
        for frame_HWC, number in zip(frames_THWC, video.numbers, strict=True):
            frame_HWC[:] = resize(square(video.path / f"{number}.jpg"), size)
        return frames_THWC

    def expected(self, root: Path, split: str) -> Counts | None:
        """The published counts; None of other splits, without frames if thinned otherwise."""
        if self.held_out or self.lists[split]:
            return None
        published = PUBLISHED[split]
        return published if (self.skip, self.every) == THINNED else Counts(published.videos)

    def card(self) -> dict[str, str]:
        """See :class:`~wmframe.interfaces.VideoDataset`; counts of ContextWM's lists."""
        return {
            "videos": "88 drives, 1,720,325 frames when thinned to every 5th, 3,598 to 49,635 each",
            "splits": "train 77 videos (1,507,459 frames), val 11 (212,866): "
            + ", ".join(HELD_OUT),
            "packed": "about 3 GB as strips of 64x64, 21 GB as arrays",
            "source": URL,
            "licence": "none is stated for the frames; the videos are their makers', on YouTube",
            "citation": "Zhang, Peng and Zhou 2022, arXiv 2204.02393",
        }


def square(path: Path) -> np.ndarray:
    """The largest square around the centre of an image, uint8 [S, S, 3], RGB; S is even.

    Raises:
        DamagedError: it cannot be read.
    """
    frame_HWC = read_picture(path, f"frame {path.name}")
    y, x = frame_HWC.shape[0] // 2, frame_HWC.shape[1] // 2
    half = min(y, x)
    return frame_HWC[y - half : y + half, x - half : x + half]
