"""A report's videos: the last of each name plays in the page and is saved as a strip of frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from wmframe.data.video import sample_frames, strip, write_png
from wmframe.report import html

EMBEDDED: Final = 8_000_000
"""Bytes up to which a clip goes into the page itself."""

FRAMES: Final = 8
"""Frames of a strip."""


def video_section(videos: Path, root: Path, pictures: Path) -> Iterator[str]:
    """The part of a page that shows a stage's clips.

    Args:
        videos: the folder with files ``NAME_STEP.mp4``.
        root: the page's folder.
        pictures: where the strips go.
    """
    clips = clips_by_name(videos)
    if not clips:
        return
    yield html.heading("Videos", 3)
    yield '<div class="videos">'
    for name, paths in clips.items():
        yield show(name, paths, root)
        write_png(pictures / f"{name}.png", strip(sample_frames(paths[-1], FRAMES)))
    yield "</div>"


def clips_by_name(videos: Path) -> dict[str, list[Path]]:
    """The files of each name, by their steps."""
    clips: dict[str, list[Path]] = {}
    for path in sorted(videos.glob("*_*.mp4")):
        name, _, step = path.stem.rpartition("_")
        if step.isdecimal():
            clips.setdefault(name, []).append(path)
    return clips


def show(name: str, paths: Sequence[Path], root: Path) -> str:
    """The last clip, with links to the earlier ones."""
    *earlier, last = paths
    label = name.replace("_", " ")
    caption = [f"{html.text(label)} at step {steps(last):,}"]
    if earlier:
        links = [html.link(path, root, f"{steps(path):,}") for path in earlier]
        caption.append(f"earlier: {', '.join(links)}")
    if last.stat().st_size > EMBEDDED:
        return html.figure(html.link(last, root, last.name), caption)
    return html.figure(html.player(last), caption)


def steps(path: Path) -> int:
    """The counter in a clip's name."""
    return int(path.stem.rpartition("_")[2])
