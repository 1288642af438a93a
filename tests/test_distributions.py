"""Installed distributions that say too little of themselves, as an interrupted pip leaves them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wmframe.cli.doctor import packages
from wmframe.distributions import find_version, owners, version_of
from wmframe.registry.sources import installed_sources
from wmframe.stages.plan import installed_versions

NOTHING = "Metadata-Version: 2.1\n"
NUMPY = f"{NOTHING}Name: numpy\nVersion: 0.0.1\n"
POINTS = "[wmframe]\nghost = ghost\n"

ODD = {
    "empty": ("~umpy-1.26.4.dist-info", {}),
    "left behind whole": ("~umpy-0.0.1.dist-info", {"METADATA": NUMPY, "entry_points.txt": POINTS}),
    "empty, with a sound name": ("wmframe_ghost-1.0.dist-info", {}),
    "no name": ("nameless-1.0.dist-info", {"METADATA": f"{NOTHING}Version: 1.0\n"}),
    "no version": ("ghost-1.0.dist-info", {"METADATA": f"{NOTHING}Name: wmframe-ghost\n"}),
    "empty metadata": ("hollow-1.0.dist-info", {"METADATA": ""}),
    "no text": ("binary-1.0.dist-info", {"METADATA": b"Name: \xff\xfe\n"}),
    "no dash": ("odd.dist-info", {}),
    "no name at all": (".dist-info", {}),
    "entry points that are none": (
        "points-1.0.dist-info",
        {"METADATA": f"{NOTHING}Name: points\nVersion: 1.0\n", "entry_points.txt": "[wmframe]\nx"},
    ),
    "files without metadata": ("record-1.0.dist-info", {"RECORD": "record.py,,\n"}),
}


@pytest.fixture
def leave(tmp_path, monkeypatch):
    """Leaves an odd distribution before all others."""

    def leave(kind: str) -> Path:
        name, files = ODD[kind]
        folder = tmp_path / name
        folder.mkdir()
        for file, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (folder / file).write_bytes(data)
        monkeypatch.syspath_prepend(str(tmp_path))
        return folder

    return leave


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_distribution_hurts_nothing_and_the_doctor_names_it(leave, kind):
    versions, sources = installed_versions(), [source.name for source in installed_sources()]
    folder = leave(kind)
    found = installed_versions()
    assert {name: found[name] for name in versions} == versions
    assert [source.name for source in installed_sources()] == sources
    assert "record" not in owners("record")
    (finding,) = [f for f in packages() if f.subject == f"package {folder.name}"]
    assert not finding.ok
    assert str(folder) in finding.fix


def test_a_distribution_without_a_version_is_of_an_unknown_one(leave):
    leave("no version")
    assert installed_versions()["wmframe-ghost"] == "unknown"
    assert version_of("ghost") == version_of("there-is-no-such") == "unknown"
    assert find_version("there-is-no-such") is None


def test_the_owner_of_a_package_is_found():
    assert owners("numpy") == ["numpy"]
    assert owners("there_is_no_such") == []


def test_a_folder_that_is_no_folder_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "file-1.0.dist-info").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert installed_versions()["numpy"]
