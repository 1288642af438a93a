"""Installed distributions, including those with broken metadata.

A pip that was interrupted leaves folders such as ``~umpy-1.26.4.dist-info``: empty, or with the
name and the version of what has been replaced since. :mod:`importlib.metadata` gives them with the
others, and fails on them in many ways.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple

LEFT_BEHIND: Final = "~"
"""How pip begins the names of folders that it means to remove."""

UNKNOWN: Final = "unknown"


class Installed(NamedTuple):
    """Metadata of a distribution.

    Attributes:
        name: as its metadata have it; empty where they do not say.
        version: likewise.
        place: its folder.
        requires: its ``Requires-Dist`` lines.
        odd: what is wrong with it; empty if nothing is.
    """

    name: str
    version: str
    place: Path
    requires: tuple[str, ...] = ()
    odd: str = ""


def survey() -> Iterator[Installed]:
    """Every distribution on ``sys.path``, intact or broken."""
    for distribution in metadata.distributions():
        yield read(distribution)


def read(distribution: metadata.Distribution) -> Installed:
    """Metadata of a distribution; never raises for the content of its files."""
    place = place_of(distribution)
    if place.name.startswith(LEFT_BEHIND):
        return Installed("", "", place, odd="pip left it behind")
    try:
        facts = distribution.metadata
        name, version = ((facts.get_all(key) or [""])[0] for key in ("Name", "Version"))
        requires = tuple(facts.get_all("Requires-Dist") or ())
        tuple(distribution.entry_points)  # to see whether that can be done
    except Exception as error:  # there is no metadata file, or text of any kind in it
        return Installed("", "", place, odd=f"what it says of itself cannot be read: {error}")
    lacking = [what for what, told in (("name", name), ("version", version)) if not told]
    odd = f"it states no {' and no '.join(lacking)}" if lacking else ""
    return Installed(name, version, place, requires, odd)


def place_of(distribution: metadata.Distribution) -> Path:
    """The folder of its metadata, or where its files are if it does not say."""
    place = getattr(distribution, "_path", None)  # the only way to it that there is
    return Path(str(place or distribution.locate_file("")))


def find_version(name: str) -> str | None:
    """The version of an installed distribution; None if it is absent or states none."""
    for distribution in metadata.distributions(name=name):
        found = read(distribution)
        if found.version:
            return found.version
    return None


def version_of(name: str) -> str:
    """The version of an installed distribution, ``unknown`` if it states none."""
    return find_version(name) or UNKNOWN


def owners(package: str) -> list[str]:
    """Names of distributions by the top-level package that they provide."""
    brought = (d for d in metadata.distributions() if package in top_level(d))
    return sorted({about.name for about in map(read, brought) if about.name})


def top_level(distribution: metadata.Distribution) -> set[str]:
    """The packages and modules of a distribution."""
    declared = distribution.read_text("top_level.txt")
    if declared:
        return set(declared.split())
    files = distribution.files or ()
    return {file.parts[0].removesuffix(".py") for file in files if file.suffix == ".py"}


def entry_points(groups: Collection[str]) -> list[metadata.EntryPoint]:
    """The entry points of some groups, without those of broken distributions."""
    try:
        points = metadata.entry_points()
        found = [point for group in groups for point in points.select(group=group)]
    except Exception:  # one that cannot be read spoils them all
        found = [point for point in carefully() if point.group in groups]
    return [p for p in found if p.dist and not place_of(p.dist).name.startswith(LEFT_BEHIND)]


def carefully() -> Iterator[metadata.EntryPoint]:
    """The entry points of intact distributions, the first of each name, as Python imports them."""
    seen: set[str] = set()
    for distribution in metadata.distributions():
        about = read(distribution)
        if not about.odd and about.name.lower() not in seen:
            seen.add(about.name.lower())
            yield from distribution.entry_points
