"""LeRobot: the cameras of a LeRobot dataset as videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs
import numpy as np

from wmframe.errors import DamagedError
from wmframe.interfaces.dataset import Counts, RawVideo, VideoDataset
from wmframe_lerobot.entry import Entry
from wmframe_lerobot.folders import Span, open_folder
from wmframe_lerobot.frames import decode_pictures, decode_stretch, decode_whole
from wmframe_lerobot.info import Info, read_info
from wmframe_lerobot.paths import find_root
from wmframe_lerobot.splits import in_split, numbers_in_split
from wmframe_lerobot.tables import AGAIN, read_parquet


@attrs.frozen
class EpisodeVideo(RawVideo):
    """An episode of one camera.

    Attributes:
        length: of the episode in frames, as the dataset lists it.
        problem: how the dataset contradicts itself about it; empty if it does not.
    """

    length: int = 0
    problem: str = ""

    @classmethod
    def of(cls, key: str, entry: Entry, at: Span) -> EpisodeVideo:
        """The frames ``at`` a place as the episode ``entry``."""
        return cls(key, at.path, entry.label, at.start, at.stop, entry.length, at.problem)


class LeRobot(VideoDataset):
    """Each episode of each chosen camera is a video; its task is its label.

    ``root`` is the dataset's folder, of format v2.0, v2.1 or v3.0. Depth maps are skipped
    unless they are named. Settings as in :class:`~wmframe_lerobot.config.LeRobotConfig`.
    """

    name = "lerobot"

    def __init__(
        self, path: str, weight: float, damaged: str, camera: str, held_out: float
    ) -> None:
        super().__init__(path, weight, damaged)
        self.camera = camera
        self.held_out = held_out

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """See :class:`~wmframe.interfaces.VideoDataset`; by episode, then by camera.

        Raises:
            MissingError: it is no such dataset, or has no such camera.
            DamagedError: what lists its episodes is damaged.
        """
        info = read_info(root)
        folder, cameras = open_folder(info), info.choose(self.camera)
        return [
            EpisodeVideo.of(key_of(info, camera, one.index), one, at)
            for one in in_split(folder.entries(), info.splits, split, self.held_out)
            for camera in cameras
            if (at := folder.span(one, camera)) is not None
        ]

    def expected(self, root: Path, split: str) -> Counts | None:
        """The counts of ``meta/info.json``; frames only if the split is the whole dataset."""
        info = read_info(root)
        if not info.episodes:
            return None
        numbers = numbers_in_split(range(info.episodes), info.splits, split, self.held_out)
        cameras = len(info.choose(self.camera))
        whole = len(numbers) == info.episodes
        frames = cameras * info.frames if whole and info.frames else None
        return Counts(cameras * len(numbers), frames)

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        info = read_info(find_root(video.path))
        if not isinstance(video, EpisodeVideo):
            raise DamagedError(f"{video.key} is no episode of {info.root}", "take those of videos")
        if video.problem:
            raise DamagedError(video.problem, AGAIN)
        frames_THWC = self._frames(info, video, size)
        if len(frames_THWC) != video.length:
            message = f"it has {len(frames_THWC)} frames, but its length is {video.length}"
            raise DamagedError(message, AGAIN)
        return frames_THWC

    def _frames(self, info: Info, video: RawVideo, size: int) -> np.ndarray:
        if video.path.suffix == ".parquet":
            camera, episode = parse_key(info, video.key)
            columns = read_parquet(video.path, [camera], episode)
            return decode_pictures(columns.get(camera, []), size)
        if video.stop is None:
            return decode_whole(video.path, size)
        return decode_stretch(video.path, size, info.fps, video.start, video.stop)

    def card(self) -> dict[str, str]:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        return {
            "source": "any dataset in the LeRobot format, Hugging Face",
            "licence": "each dataset's own; its README.md says which",
            "citation": "Cadene et al. 2024, LeRobot, github.com/huggingface/lerobot",
            "splits": f"the dataset's own, else val: {self.held_out:.0%}, by a hash",
        }


def key_of(info: Info, camera: str, episode: int) -> str:
    """A video's key: its camera and its episode's number."""
    return f"{info.slug(camera)}-{episode:06d}"


def parse_key(info: Info, key: str) -> tuple[str, int]:
    """The camera and the episode of a key.

    Raises:
        DamagedError: it is not one of this dataset.
    """
    slug, _, number = key.rpartition("-")
    camera = next((one for one in info.visual if info.slug(one) == slug), None)
    if camera is None or not number.isdecimal():
        raise DamagedError(f"{key} is no video of {info.root}", "take the keys of videos()")
    return camera, int(number)
