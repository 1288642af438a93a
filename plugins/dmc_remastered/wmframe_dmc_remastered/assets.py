"""Installs the publisher's textures from a folder that a user has downloaded.

They are photographs of third parties, so they are not part of this package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from wmframe.errors import DamagedError, MissingError
from wmframe.files import disk_errors, write_atomically
from wmframe_dmc_remastered.textures import KINDS, MANIFEST, Kind, complete, layout, pictures, tally

AGAIN: Final = "download them again, then run the same command: what is good was kept"
PARTIAL: Final = (
    "that is {}: visual seeds draw from these, so looks are not the publisher's; "
    "run the command on the whole download for those"
)
NAMED: Final = re.compile(r"[A-Za-z0-9_.-]+\.png")


def install(source: Path, target: Path) -> list[str]:
    """Copy the publisher's textures, once every file has been checked.

    A file is copied whole or not at all. What is there already is not copied again, so several
    partial downloads add up, and an interrupted call resumes. With a damaged file
    nothing becomes usable that was not.

    Args:
        source: a download of github.com/QData/dmc_remastered, or its ``dmc_remastered/assets``.
        target: becomes a folder with ``floors``, ``skies`` and ``manifest.json``.

    Returns:
        Lines that say what was done, and whether pictures are missing.

    Raises:
        DamagedError: files cannot be used; each is named with the reason.
        MissingError: there are no skies or no floors.
        WmframeError: the disk is full.
    """
    source = layout(source)
    damaged, copied, ignored = [], 0, []
    for name, kind in KINDS.items():
        with disk_errors(target):
            (target / name).mkdir(parents=True, exist_ok=True)
        ignored += [f"ignored {name}/{other}" for other in others(source / name)]
        for path in pictures(source / name):
            problem, new = keep(path, target / name / path.name, kind)
            copied += new
            damaged += [f"{name}/{path.name}: {problem}"] if problem else []
    if damaged:
        lines = "\n  ".join(damaged)
        raise DamagedError(f"{len(damaged)} of the files cannot be used:\n  {lines}", AGAIN)
    counts = _finish(source, target)
    total = f"{sum(counts.values())} textures are there, {copied} of them new"
    partial = [] if complete(counts) else [PARTIAL.format(tally(counts))]
    return [*ignored, total, *partial]


def keep(path: Path, target: Path, kind: Kind) -> tuple[str, bool]:
    """Check an image and copy it unless it exists.

    Returns:
        what is wrong with it, or nothing; whether it was copied.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        return f"cannot be read: {error.strerror or error}", False
    if target.exists() and target.read_bytes() == content:
        return "", False
    problem = examine(path.name, content, kind)
    if not problem:
        write_atomically(target, content)
    return problem, not problem


def examine(name: str, content: bytes, kind: Kind) -> str:
    """The problem of an image; empty if there is none."""
    from PIL import Image

    if not NAMED.fullmatch(name):
        return "the publisher has no such name"
    if not content:
        return "empty"
    try:
        with Image.open(BytesIO(content)) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f"cannot be decoded ({error})"
    if picture.format != "PNG" or picture.mode not in ("RGB", "RGBA"):
        return f"{picture.format} {picture.mode}, not a PNG in colour"
    if picture.size != (kind.side, kind.side):
        return "{}x{} pixels, not {side}x{side}".format(*picture.size, side=kind.side)
    return ""


def others(folder: Path) -> Iterator[str]:
    """Names in a folder that are no images."""
    known = set(pictures(folder))
    if folder.is_dir():
        yield from sorted(path.name for path in folder.iterdir() if path not in known)


def _finish(source: Path, target: Path) -> dict[str, int]:
    """Write the manifest of the textures; return their number."""
    kept = {kind: pictures(target / kind) for kind in KINDS}
    counts = {kind: len(paths) for kind, paths in kept.items()}
    if not all(counts.values()):
        raise MissingError(f"skies or floors are missing in {source}: {tally(counts)}", AGAIN)
    if any(counts[kind] > KINDS[kind].number for kind in KINDS):
        hint = f"remove what is not the publisher's from there and from {target}"
        raise DamagedError(f"there is more in {source} than textures: {tally(counts)}", hint)
    write_atomically(target / MANIFEST, json.dumps(_sizes(kept), indent=1))
    return counts


def _sizes(kept: Mapping[str, list[Path]]) -> dict[str, dict[str, int]]:
    return {kind: {path.name: path.stat().st_size for path in kept[kind]} for kind in kept}
