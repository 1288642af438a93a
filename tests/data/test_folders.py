"""A dataset's folders are walked in order, as deep as was said."""

from __future__ import annotations

import pytest

from wmframe.data.folders import walk
from wmframe.errors import MissingError


@pytest.fixture
def root(tmp_path):
    for file in ("b/2.txt", "b/1.txt", "a/deep/3.txt", ".hidden/4.txt", "7/5.txt"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "link").symlink_to(tmp_path / "a" / "deep")
    return tmp_path


def found(root, *args):
    return {str(at.relative_to(root)): (inner, files) for at, inner, files in walk(root, *args)}


def test_all_is_found_but_what_is_hidden(root):
    places = found(root)
    assert list(places) == [".", "7", "a", "a/deep", "b", "link"]
    assert places["."] == ([".hidden", "7", "a", "b", "link"], [])
    assert places["b"] == ([], ["1.txt", "2.txt"])
    assert places["link"] == ([], ["3.txt"])


def test_depth_and_names_bound_the_search(root):
    assert list(found(root, 1)) == [".", "7", "a", "b", "link"]
    assert "7" not in found(root, 3, str.isalpha)


def test_what_is_no_folder_is_said(root):
    with pytest.raises(MissingError, match="is no folder"):
        list(walk(root / "none"))
    with pytest.raises(MissingError, match="is no folder"):
        list(walk(root / "b" / "1.txt"))
