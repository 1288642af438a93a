"""Letters of shapes: one table, in docs/concepts/shapes.md, which the legends of modules follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = [*(ROOT / "wmframe").rglob("*.py"), *(ROOT / "plugins").glob("*/wmframe_*/**/*.py")]
LEGEND = re.compile(r"Letters: (.*?)\.\s*(?:\"|\n)", re.DOTALL)
ENTRY = re.compile(r"([A-Z])(?: and ([A-Z]))? ([^=]+)")


def words(text):
    return {word.rstrip("s") for word in re.findall(r"[a-z]{4,}", text.lower())}


def table():
    text = (ROOT / "docs" / "concepts" / "shapes.md").read_text()
    rows = re.findall(r"^\| ([A-Z](?:, [A-Z])*) \| (.+) \|$", text, re.MULTILINE)
    return [(letter, meaning) for letters, meaning in rows for letter in letters.split(", ")]


def legends():
    for path in sorted(SOURCES):
        if found := LEGEND.search(path.read_text()):
            yield pytest.param(" ".join(found[1].split()), id=str(path.relative_to(ROOT)))


def entries(legend):
    """Letters with their meanings, without formulas (``N = B T``) and lower-case letters."""
    for part in legend.split(", "):
        if found := ENTRY.fullmatch(part):
            yield from ((letter, found[3]) for letter in found.groups()[:2] if letter)


def faults(legend):
    meanings = dict(table())
    return [
        f"{letter}: {meaning}"
        for letter, meaning in entries(legend)
        if letter not in meanings or not words(meaning) & words(meanings[letter])
    ]


def test_a_letter_stands_once_in_the_table():
    letters = [letter for letter, _ in table()]
    assert len(letters) > 20
    assert sorted(set(letters)) == sorted(letters)


@pytest.mark.parametrize("legend", legends())
def test_legends_give_letters_the_meaning_of_the_table(legend):
    assert faults(legend) == []


def test_another_meaning_is_found():
    assert faults("B batch, H and W height and width") == []
    assert faults("H horizon, N rows, R runs") == ["H: horizon", "R: runs"]
