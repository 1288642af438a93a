"""Human36M: finds, lists, crops and decodes the frames of Human3.6M."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from wmframe.data.decoding import decode_images
from wmframe.errors import DamagedError
from wmframe.interfaces.dataset import Counts, RawVideo, VideoDataset
from wmframe_human36m.annotations import (
    check_annotations,
    find_annotations,
    half_of,
    joints_of,
    listed,
)
from wmframe_human36m.config import Human36MConfig
from wmframe_human36m.crops import crop_box, read_crop
from wmframe_human36m.layout import (
    SOURCE,
    Found,
    check_subjects,
    find_frames,
    find_list,
    frames_in_list,
)
from wmframe_human36m.titles import CAMERAS, PUBLISHED, SUBJECTS, Title, belongs, subjects_of


class Human36M(Human36MConfig, VideoDataset):
    """People in a studio before four cameras, in the frames of Pavlakos et al. 2017.

    Each frame is cut to a square around its person as in ContextWM, then resized. Settings are the
    fields of its config. The label of a video is its action. A video's ``path`` is the folder of
    its frames, and annotations are found again from there, since decoding is done elsewhere.
    """

    name = "human36m"

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """See :class:`~wmframe.interfaces.VideoDataset`; sorted by title."""
        found = find_frames(root)
        subjects = [s for s in subjects_of(self.division, split) if s in self.subjects]
        check_subjects(root, found, subjects)
        lengths = self._lengths(found, subjects, split)
        homes = {title.subject: found[title.text].folder for title in parsed(found)}
        return [
            RawVideo(
                title.key,
                found[title.text].folder if title.text in found else homes[title.subject],
                label=title.action,
                stop=lengths[title.text],
            )
            for title in parsed(lengths)
            if title.subject in subjects
            and title.camera in self.cameras
            and belongs(title, self.division, split)
        ]

    def _lengths(
        self, found: Mapping[str, Found], subjects: Sequence[int], split: str
    ) -> Mapping[str, int]:
        """How many frames each video has to have, by title."""
        if not subjects:
            return {}
        frames = next(found[t.text].folder for t in parsed(found) if t.subject in subjects)
        if not self.cropped:
            folder, lengths = find_annotations(frames, subjects), {}
            for half in {half_of(subject) for subject in subjects}:
                check_annotations(folder, half)
                lengths.update({title: len(rows) for title, rows in listed(folder, half).items()})
            return lengths
        path = find_list(frames, self.division, split)
        if path is not None:
            return frames_in_list(path)
        return {title: there.frames for title, there in found.items()}

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        title = Title.of_key(video.key)
        if title is None or video.stop is None:
            raise DamagedError(f"{video.key} is no video of Human3.6M", "take those of videos()")
        paths = [video.path / title.frame(index) for index in range(video.start, video.stop)]
        if missing := [path.name for path in paths if not path.is_file()]:
            more = f" and {len(missing) - 1} more" if missing[1:] else ""
            raise DamagedError(f"{missing[0]}{more} of {len(paths)} frames are missing")
        if self.cropped:
            return decode_images(paths, size)
        joints_TJ2 = joints_of(find_annotations(video.path, [title.subject]), title)
        boxes = [crop_box(joints_J2) for joints_J2 in joints_TJ2[video.start : video.stop]]
        frames = zip(paths, boxes, strict=True)
        return np.stack([read_crop(path, box, size) for path, box in frames])

    def expected(self, root: Path, split: str) -> Counts | None:
        """The published counts; None of some subjects or cameras."""
        whole = {*self.subjects} == {*SUBJECTS} and {*self.cameras} == {*CAMERAS}
        return Counts(PUBLISHED[self.division, split]) if whole else None

    def card(self) -> dict[str, str]:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        return {
            "videos": "839 of 503 frames on average; 600 of S1, S5 to S8 and 239 of S9 and S11",
            "size": "32 GB as published; 5.2 GB as arrays of 64x64",
            "rate": "every fifth frame of 50 a second",
            "source": SOURCE,
            "licence": "academic use only; register at http://vision.imar.ro/human3.6m",
            "citation": "Ionescu et al. 2014, TPAMI 36(7); frames: Pavlakos et al. 2017, "
            "arXiv 1611.07828",
        }


def parsed(titles: Mapping[str, object]) -> list[Title]:
    """Titles taken apart, in a fixed order."""
    return [title for text in sorted(titles) if (title := Title.parse(text))]
