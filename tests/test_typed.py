"""Each package says that it is typed, in the wheel too."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECTS = [ROOT, *(path.parent for path in sorted(ROOT.glob("plugins/*/pyproject.toml")))]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_the_wheel_has_the_marker(project):
    wheel = pytest.importorskip("hatchling.builders.wheel")
    files = [
        file.distribution_path for file in wheel.WheelBuilder(str(project)).recurse_included_files()
    ]
    packages = {Path(name).parts[0] for name in files if name.startswith("wmframe")}
    assert len(packages) == 1
    assert f"{packages.pop()}/py.typed" in files
