"""A golden suite that finds nothing fails; single cases that a folder of one's own lacks do not."""

from __future__ import annotations

import shutil

import pytest

from support.golden import GoldenCase, cases, folder, variants
from wmframe.errors import MissingError


def test_a_folder_that_is_not_there_fails(monkeypatch, tmp_path):
    monkeypatch.setenv("WMFRAME_GOLDEN", str(tmp_path / "mistyped"))
    for ask in (
        folder,
        lambda: cases("case05"),
        lambda: variants("case05"),
        lambda: GoldenCase("case05"),
    ):
        with pytest.raises(MissingError, match="mistyped"):
            ask()


def test_a_folder_without_a_case_fails(monkeypatch, tmp_path):
    (tmp_path / "README.md").write_text("no numbers")
    monkeypatch.setenv("WMFRAME_GOLDEN", str(tmp_path))
    with pytest.raises(MissingError, match="no golden case"):
        cases("case05")


def test_a_case_that_ones_own_folder_lacks_is_skipped_by_name(monkeypatch, tmp_path):
    monkeypatch.delenv("WMFRAME_GOLDEN", raising=False)
    name = cases("case11")[0]
    for file in folder().glob(f"{name}.*"):
        shutil.copy(file, tmp_path)
    monkeypatch.setenv("WMFRAME_GOLDEN", str(tmp_path))
    assert GoldenCase("case11").name == name
    with pytest.raises(pytest.skip.Exception, match="case05"):
        GoldenCase("case05")


def test_a_case_that_the_default_folder_lacks_fails(monkeypatch):
    monkeypatch.delenv("WMFRAME_GOLDEN", raising=False)
    with pytest.raises(MissingError, match="case99"):
        GoldenCase("case99")
