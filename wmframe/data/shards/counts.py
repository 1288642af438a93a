"""Compare packed counts with the publisher's."""

from __future__ import annotations

from typing import Final

from wmframe.interfaces.dataset import Counts

SHORT: Final = (
    "usually they are not downloaded or unpacked yet; pack again when they are, and only they are "
    "added"
)
OVER: Final = "usually something else lies below --root too, or this is another version"
FRAMES: Final = "usually videos were cut or thinned otherwise, or this is another version"


def remarks(found: Counts, expected: Counts | None, bad: int) -> list[str]:
    """The message if a split has more or less than published; empty if equal.

    Args:
        found: packed counts.
        expected: published counts; None if unknown.
        bad: skipped videos.
    """
    if expected is None:
        return []
    if found.videos != expected.videos:
        return [_videos(found.videos, expected.videos, bad)]
    if None in (found.frames, expected.frames) or found.frames == expected.frames:
        return []
    return [_frames(found.frames or 0, expected.frames or 0)]


def _videos(found: int, expected: int, bad: int) -> str:
    if found > expected:
        more = found - expected
        return f"{found:,} videos, {more:,} more than the published {expected:,}; {OVER}"
    lost = expected - found
    text = f"{found:,} of {expected:,} published videos, {lost:,} too few"
    if bad >= lost:
        return f"{text}; they are bad, and manifest.json says why"
    return f"{text}; {bad:,} are bad, of the others {SHORT}" if bad else f"{text}; {SHORT}"


def _frames(found: int, expected: int) -> str:
    differ = f"{abs(found - expected):,} too {'few' if found < expected else 'many'}"
    return f"every video, but {found:,} frames for {expected:,} published, {differ}; {FRAMES}"
