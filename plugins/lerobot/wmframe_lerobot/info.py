"""``meta/info.json``: the metadata of a LeRobot dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import attrs

from wmframe.errors import MissingError
from wmframe.json_scalars import Natural
from wmframe.suggest import suggest
from wmframe_lerobot.paths import INFO
from wmframe_lerobot.tables import read_json

ALL: Final = "all"
VISUAL: Final = ("video", "image")
DATA_PATHS: Final = {
    2: "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
    3: "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
}
VIDEO_PATHS: Final = {
    2: "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
    3: "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
}
DOWNLOAD: Final = (
    "--root is the folder that has meta, data and videos in it; "
    "hf download --repo-type dataset OWNER/NAME --local-dir FOLDER brings one"
)


def _rate(value: float) -> None:
    if not 0 < value < 1e6:
        raise ValueError(f"{value} frames a second")


def _typed(feature: Mapping[str, Any]) -> None:
    if not isinstance(feature.get("dtype"), str):
        raise ValueError("there is no dtype")
    if not all(isinstance(feature.get(key) or {}, dict) for key in ("info", "video_info")):
        raise ValueError("info is no table")


@attrs.frozen
class Saved:
    """The used keys of the file."""

    OPEN: ClassVar = True

    codebase_version: str
    fps: Annotated[float, _rate]
    features: dict[str, Annotated[dict[str, Any], _typed]]
    chunks_size: Natural | None = None
    data_path: str | None = None
    video_path: str | None = None
    splits: dict[str, str] | None = None
    total_episodes: Natural | None = None
    total_frames: Natural | None = None


@attrs.frozen
class Info:
    """Metadata of a dataset.

    Attributes:
        root: its folder.
        major: 2 or 3, the format's major version.
        fps: frames a second.
        chunk: episodes a folder, in version 2.
        data_path: template of the Parquet files' paths.
        video_path: template of the video files' paths.
        features: by key, ``dtype`` and ``shape`` of what was recorded.
        splits: by name, ``FIRST:END`` of its episodes.
        episodes: how many it says it has; 0 where it does not say.
        frames: of one camera in all episodes; 0 where it does not say.
    """

    root: Path
    major: int
    fps: float
    chunk: int
    data_path: str
    video_path: str
    features: Mapping[str, Mapping[str, Any]]
    splits: Mapping[str, str]
    episodes: int = 0
    frames: int = 0

    @property
    def visual(self) -> tuple[str, ...]:
        """Features that are pictures, depth maps among them."""
        return tuple(key for key, one in self.features.items() if one["dtype"] in VISUAL)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Features that are colour images."""
        return tuple(key for key in self.visual if not is_depth(self.features[key]))

    def choose(self, wanted: str) -> tuple[str, ...]:
        """The cameras that a setting means.

        Args:
            wanted: a camera, or the last word of its name if one alone ends so; empty for the
                first; ``all``.

        Raises:
            MissingError: there is no such camera, or none at all.
        """
        if not self.cameras:
            raise MissingError(f"{self.root} has no camera", "choose a dataset with videos")
        if wanted in ("", ALL):
            return self.cameras if wanted else self.cameras[:1]
        short = [key for key in self.visual if key.rpartition(".")[2] == wanted]
        if wanted in self.visual or len(short) == 1:
            return (wanted,) if wanted in self.visual else (short[0],)
        raise MissingError(f"{self.root} has no camera {wanted!r}", suggest(wanted, self.visual))

    def slug(self, camera: str) -> str:
        """A camera's name as keys of videos can hold it; different for different cameras."""
        plain = {key: re.sub(r"[^A-Za-z0-9_]+", "_", key) for key in self.visual}
        alike = [key for key in self.visual if plain[key] == plain[camera]]
        number = alike.index(camera)
        return f"{plain[camera]}_{number}" if number else plain[camera]


def is_depth(feature: Mapping[str, Any]) -> bool:
    """Whether a feature is a depth map, which old and new versions say in different places."""
    said = {**(feature.get("video_info") or {}), **(feature.get("info") or {})}
    return bool(said.get("is_depth_map") or said.get("video.is_depth_map"))


def read_info(root: Path) -> Info:
    """Read ``meta/info.json``.

    Raises:
        MissingError: it is not there, or of a version that this plugin does not read.
        DamagedError: it is damaged.
    """
    path = root / INFO
    if not path.is_file():
        raise MissingError(f"{root} is no LeRobot dataset: it has no {INFO}", DOWNLOAD)
    content = read_json(path, Saved)
    major = _major(root, content.codebase_version)
    return Info(
        root=root,
        major=major,
        fps=content.fps,
        chunk=content.chunks_size or 1000,
        data_path=content.data_path or DATA_PATHS[major],
        video_path=content.video_path or VIDEO_PATHS[major],
        features=content.features,
        splits=content.splits or {},
        episodes=content.total_episodes or 0,
        frames=content.total_frames or 0,
    )


def _major(root: Path, version: str) -> int:
    found = re.fullmatch(r"v?(\d+)(\.\d+)*", version)
    major = int(found[1]) if found else 0
    if major not in DATA_PATHS:
        raise MissingError(
            f"{root} is a LeRobot dataset of version {version}; v2.0, v2.1 and v3.0 can be read",
            "convert it with lerobot's own scripts, or download another revision of it",
        )
    return major
