"""VideoFolder: finds videos below a folder, whatever its layout."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from wmframe.data.decoding import decode_images, decode_video
from wmframe.data.folders import FileId, file_id, once, walk
from wmframe.data.splits import digest, fraction, none_missing
from wmframe.errors import MissingError
from wmframe.interfaces.dataset import RawVideo, VideoDataset

VIDEOS: Final = re.compile(
    r"\.(3g2|3gp|apng|avi|flv|gif|m2ts|m4v|mkv|mov|mp4|mpeg|mpg|mts|ogv|ts|webm|wmv)", re.I
)
IMAGES: Final = re.compile(r"\.(bmp|jfif|jp2|jpe|jpeg|jpg|pbm|pgm|png|ppm|tif|tiff|webp)", re.I)


class VideoFolder(VideoDataset):
    """Every video file below a folder, and every folder of images, is a video.

    The folder that a video is in is its label. Images are frames in the order of the numbers in
    their names, so that ``2.jpg`` comes before ``10.jpg``. Hidden files and folders are passed
    over. Settings as in :class:`~wmframe_video_folder.config.VideoFolderConfig`.
    """

    name = "video_folder"

    def __init__(self, path: str, weight: float, damaged: str, held_out: float) -> None:
        super().__init__(path, weight, damaged)
        self.held_out = held_out

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """See :class:`~wmframe.interfaces.VideoDataset`; sorted by path."""
        found = [self._video(root, path) for path in find(root)]
        if not found:
            raise MissingError(
                f"{root} has no videos in it or below it",
                "they are files such as .mp4 or .webm, or folders of images such as .jpg or .png",
            )
        chosen = [video for video in found if self._is_held_out(video.key) == (split == "val")]
        return none_missing(chosen, len(found), split, self.held_out)

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        if video.path.is_dir():
            return decode_images(images(video.path), size)
        return decode_video(video.path, size)

    def card(self) -> dict[str, str]:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        return {"source": "your own videos", "splits": f"val: {self.held_out:.0%}, by a hash"}

    def _video(self, root: Path, path: Path) -> RawVideo:
        inside = path.relative_to(root)
        return RawVideo(key_of(inside), path, label=inside.parent.name)

    def _is_held_out(self, key: str) -> bool:
        return fraction(key) < self.held_out


def find(root: Path) -> list[Path]:
    """The video files and the folders of images at or below ``root``, each once, by path."""
    films: list[Path] = []
    frames: dict[Path, list[Path]] = {}
    for folder, _, files in walk(root):
        shown = [folder / name for name in files if not name.startswith(".")]
        films += [path for path in shown if VIDEOS.fullmatch(path.suffix)]
        if pictures := [path for path in shown if IMAGES.fullmatch(path.suffix)]:
            frames[folder] = pictures
    return sorted([*once(films), *distinct(frames)])


def distinct(frames: Mapping[Path, Sequence[Path]]) -> list[Path]:
    """The folders whose images are not all links to those of another folder.

    Of a folder of images and one of links to them, the former counts.
    """
    kept: dict[tuple[FileId, ...], Path] = {}
    for folder in sorted(frames, key=lambda one: any(map(Path.is_symlink, frames[one]))):
        kept.setdefault(tuple(map(file_id, frames[folder])), folder)
    return [*kept.values()]


def images(folder: Path) -> list[Path]:
    """The images of a folder, in the order of the numbers in their names."""
    found = [path for path in folder.iterdir() if IMAGES.fullmatch(path.suffix)]
    shown = (path for path in found if path.is_file() and not path.name.startswith("."))
    return sorted(shown, key=natural)


def natural(path: Path) -> list[tuple[bool, int, str]]:
    """Sorts ``frame2`` before ``frame10``."""
    words = re.split(r"(\d+)", path.stem)
    return [(word.isdigit(), int(word) if word.isdigit() else 0, word) for word in words if word]


def key_of(inside: Path) -> str:
    """A key for a path below the root: readable, and different for different paths.

    What a key cannot hold becomes ``_``, and then a hash of the path keeps keys apart.
    """
    text = inside.as_posix()
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", text.removesuffix(inside.suffix))[-80:]
    return f"{plain or 'root'}-{digest(text).hexdigest()[:8]}"
