"""``wmframe bench`` on the command line."""

from __future__ import annotations

import json

import pytest

from wmframe.cli import main


@pytest.fixture
def wmframe(capsys):
    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(words)
        return ended.value.code, *capsys.readouterr()

    return run


def test_lines_are_printed_and_appended_and_compared(wmframe, recipe, tmp_path):
    out = tmp_path / "a.json"
    words = ("bench", "act", str(recipe), "--simulators", "1", "--rounds", "1", "--out", str(out))
    code, printed, _ = wmframe(*words)
    assert code == 0
    assert printed == out.read_text()
    assert [json.loads(line)["rendering"] for line in printed.splitlines()] == ["real", "blank"]
    wmframe(*words)
    assert len(out.read_text().splitlines()) == 4
    code, printed, _ = wmframe("bench", "--compare", str(out), str(out))
    assert code == 0
    title, *rows = printed.splitlines()
    assert title.split() == ["BENCH", "CASE", "UNIT", "A", "B", "B/A", "REMARKS"]
    assert [row.split()[:5] for row in rows] == [
        ["act", "toy", "1", kind, "train"] for kind in ("real", "blank")
    ]


def test_without_a_word_it_shows_its_help(wmframe):
    code, printed, _ = wmframe("bench")
    assert code == 0
    assert all(word in printed for word in ("learner", "act", "data", "e2e", "--compare"))


def test_a_wrong_stage_is_one_message(wmframe, recipe):
    code, _, error = wmframe("bench", "learner", str(recipe), "--stage", "judge")
    assert code == 2
    assert "no stage 'judge' that updates a learner" in error
    assert "choose one of: train" in error
