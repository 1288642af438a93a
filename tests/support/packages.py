"""Plugin packages made on the spot, for tests of what installing one does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "wmframe-{name}"
version = "{version}"
dependencies = ["wmframe"]

[project.entry-points.wmframe]
{name} = "wmframe_{name}.plugin"

[project.entry-points."wmframe.api"]
{name} = "v1"
"""


def write_plugin(
    folder: Path,
    name: str,
    source: str,
    *,
    distribution: str | None = None,
    version: str = "1.0",
    requires: Sequence[str] = (),
    api: str | None = "v1",
) -> None:
    """Write a plugin as pip leaves it: a package and its metadata; put ``folder`` on ``sys.path``.

    Args:
        folder: made if it is not there.
        name: the entry point's name.
        source: the text of the plugin's light module.
        distribution: ``wmframe-NAME`` by default; its package is named alike.
        version: the distribution's.
        requires: ``Requires-Dist`` lines.
        api: the interface that it says it was written for; None says nothing.
    """
    distribution = distribution or f"wmframe-{name}"
    package = distribution.replace("-", "_")
    write_package(folder / package, source)
    info = folder / f"{package}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {distribution}", f"Version: {version}"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    points = f"[wmframe]\n{name} = {package}.plugin\n"
    stated = f"[wmframe.api]\n{name} = {api}\n" if api else ""
    (info / "entry_points.txt").write_text(points + stated)


def write_project(folder: Path, name: str, source: str, version: str = "1.0") -> None:
    """Write a plugin as its author keeps it: a project that pip can install."""
    write_package(folder / f"wmframe_{name}", source)
    (folder / "pyproject.toml").write_text(PYPROJECT.format(name=name, version=version))


def write_package(package: Path, source: str) -> None:
    """Write a package with a module ``plugin``."""
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "plugin.py").write_text(source)
