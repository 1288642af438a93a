"""List files are read row by row; a wrong row is named."""

from __future__ import annotations

import pytest

from wmframe.data.lists import read_list
from wmframe.errors import DamagedError, MissingError

FORM, EXAMPLE = "NAME FRAMES LABEL", "a 1 x"


def test_rows_have_the_last_part_of_a_path_as_their_name(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("frames/dir one 12 3\n\n two.5 7 None \n")
    first, second = read_list(path, FORM, EXAMPLE)
    assert (first.name, first.frames, first.label) == ("dir one", 12, "3")
    assert (second.name, second.label, second.place) == ("two.5", "None", f"{path}:3")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a 1", "list.txt:2: 'a 1' is not NAME FRAMES LABEL"),
        ("a -1 x", "is not NAME FRAMES LABEL"),
        ("a one x", "is not NAME FRAMES LABEL"),
        ("below/b 2 x", "list.txt:2: b is listed twice"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, row, message):
    (tmp_path / "list.txt").write_text(f"b 2 x\n{row}\n")
    with pytest.raises(DamagedError, match=message):
        read_list(tmp_path / "list.txt", FORM, EXAMPLE)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(MissingError, match=r"none\.txt is not there"):
        read_list(tmp_path / "none.txt", FORM, EXAMPLE)
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(DamagedError, match=r"list\.txt cannot be read"):
        read_list(tmp_path / "list.txt", FORM, EXAMPLE)
