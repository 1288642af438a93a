"""A dataset's folders are walked in order, as deep as was said."""

from __future__ import annotations

import os

import pytest

from wmframe.data.folders import once, walk
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
    assert list(places) == [".", "7", "a", "a/deep", "b"]
    assert places["."] == ([".hidden", "7", "a", "b", "link"], [])
    assert places["b"] == ([], ["1.txt", "2.txt"])


def test_depth_and_names_bound_the_search(root):
    assert list(found(root, 1)) == [".", "7", "a", "b", "link"]
    assert "7" not in found(root, 3, str.isalpha)


def test_what_is_no_folder_is_said(root):
    with pytest.raises(MissingError, match="is no folder"):
        list(walk(root / "none"))
    with pytest.raises(MissingError, match="is no folder"):
        list(walk(root / "b" / "1.txt"))


def test_a_folder_outside_is_found_through_its_link(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "6.txt").touch()
    (root / "c").symlink_to(outside)
    assert found(root)["c"] == ([], ["6.txt"])


def test_links_to_folders_above_are_not_entered_again(root):
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "deep" / "self").symlink_to(".")
    assert list(found(root)) == [".", "7", "a", "a/deep", "b"]


def test_what_is_no_regular_file_is_passed_over_by_name(root):
    os.mkfifo(root / "b" / "pipe.txt")
    (root / "b" / "lost.txt").symlink_to(root / "nowhere")
    with pytest.warns(UserWarning, match=r"no regular files: .*lost\.txt, .*pipe\.txt"):
        places = found(root)
    assert places["b"] == ([], ["1.txt", "2.txt"])


def test_names_in_warnings_cannot_move_a_terminal(root):
    (root / "b" / "\x1b[2Jlost\nhint.txt").symlink_to(root / "nowhere")
    with pytest.warns(UserWarning, match=r"\\x1b\[2Jlost\\nhint"):
        found(root)


def test_files_are_told_apart_by_what_they_are_not_by_their_names(root):
    (root / "b" / "hard.txt").hardlink_to(root / "b" / "1.txt")
    (root / "b" / "soft.txt").symlink_to(root / "b" / "2.txt")
    paths = [root / "b" / f"{name}.txt" for name in ("1", "2", "hard", "soft")]
    with pytest.warns(UserWarning, match="further links"):
        assert once(paths) == paths[:2]


def test_a_folder_counts_where_it_is_though_a_link_comes_first(root):
    (root / "0").symlink_to("b")
    (root / "a" / "also").symlink_to("../b")
    places = found(root)
    assert "0" not in places
    assert "a/also" not in places
    assert places["b"] == ([], ["1.txt", "2.txt"])


def test_links_out_and_up_again_are_not_followed(tmp_path):
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "other.txt").touch()
    (tmp_path / "raw" / "sub").mkdir(parents=True)
    (tmp_path / "raw" / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "raw" / "all").symlink_to("/")
    with pytest.warns(UserWarning, match="search is in: .*all, .*up"):
        assert list(found(tmp_path / "raw")) == [".", "sub"]


def test_two_folders_outside_that_link_to_each_other_are_entered_once_each(root, tmp_path_factory):
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    (one / "two").symlink_to(two)
    (two / "one").symlink_to(one)
    (two / "6.txt").touch()
    (root / "out").symlink_to(one)
    assert [place for place in found(root) if "out" in place] == ["out", "out/two"]


def test_a_link_to_itself_is_passed_over_by_name(root):
    (root / "b" / "loop").symlink_to("loop")
    with pytest.warns(UserWarning, match="no regular files: .*loop"):
        assert found(root)["b"] == ([], ["1.txt", "2.txt"])


def test_a_folder_that_cannot_be_read_is_named(root, monkeypatch):
    scan = os.scandir

    def closed(path):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.warns(UserWarning, match="cannot be read: .*deep"):
        assert "b" in found(root)


def test_a_file_counts_where_it_is_though_a_link_comes_first(root):
    (root / "b" / "0.txt").symlink_to("1.txt")
    with pytest.warns(UserWarning, match=r"further links.*0\.txt"):
        assert once([root / "b" / "0.txt", root / "b" / "1.txt"]) == [root / "b" / "1.txt"]
