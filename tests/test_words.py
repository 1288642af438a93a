"""Docs, READMEs, docstrings, comments and messages are plain technical English."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parent.parent

TERMS: Final = {
    r"\bbeside\b": "next to; in addition to; and",
    r"\b(ours|theirs)\b": "name whose: wmframe's, the reference's",
    r"\blearnt\b": "learned",
    r"\bjudg(e[sd]?|ing)\b": "evaluate, compare, decide",
    r"\bdear(er|est)?\b": "expensive",
    r"\banew\b|\bma[dk]e again\b|\bremak(e|es|ing)\b": "again, rebuild, recompute",
    r"\b(is|are|was|were|be|been|if|as) told\b": "is given, is configured, is informed",
    r"\b(is|are|was|were|be|been) asked for\b": "is requested",
    r"\b(go|goes|went|going) before\b": "precede, take precedence over",
    r"\b(come|comes|came) about\b": "arise, result",
    r"\bPossible is\b|\bmatters? not\b|\bknows? not\b": "usual word order",
    r"\bpage-locked\b": "pinned",
    r"\b(drawn|drawing|draws?|read|reads|reading) ahead\b": "prefetch",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\b(go|goes|went|gone|going) on\b": "continue, resume, proceed",
    r"\b(is|are|was|were|be) passed over\b|\bpasses over\b": "skip",
    r"\bstrangers?\b": "untrusted, unknown, third-party",
    r"\b(a|the|which|these|such) rooms?\b|\brooms\b": "package",
    r"\bwho is who\b|\btell(s|ing)? each other\b": "ranks, collectives",
    r"\bin good order\b": "cleanly",
    r"\bto the bit\b": "bit for bit",
    r"\b(rests|resting)\b": "is prepacked, is idle",
    r"(?<![\w.])nets\b(?!:)": "networks",
    r"\blikeness\b": "fidelity, similarity",
    r"\bby inversion\b": "by inverse-CDF sampling",
    r"\bhand(s|ed|ing)? back\b": "return",
    r"\bin turn\b": "sequentially, one after the other, interleaved",
    r"\bsettled\b|\bsurroundings\b": "name the condition or the context",
    r"\b(by|for|to) oneself\b": "as a single process, alone",
    r"\bless ado\b|\bwhence\b|\b(t|w)hereof\b": "plain words",
    r"\bthe like\b": "such, similar",
}
"""Terms of the dialect that this repository was once written in, and what to write instead."""

ALLOWED: Final = {
    ("plugins/carla", "mended"): "a value of the setting lanes.rules",
}
"""A folder and a term that may stand there, with the reason."""

PATTERNS: Final = {re.compile(term, re.IGNORECASE): instead for term, instead in TERMS.items()}
FIELD: Final = re.compile(r"\{[^{}\n]*\}")
"""What an f-string puts in is code."""

CODE: Final = re.compile(r"```.*?```|``[^`]*``|`[^`]*`", re.DOTALL)


def folders():
    plugins = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
    return [*sorted(path for path in (ROOT / "wmframe").iterdir() if path.is_dir()), *plugins]


def sources(folder):
    return [path for path in sorted(folder.rglob("*.py")) if "tests" not in path.parts]


def pages():
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/README.md")]
    return sorted([*found, ROOT / "tests" / "golden" / "README.md"])


def prose(path):
    """Lines of text by number: of a page without code, of a module its comments and strings."""
    text = path.read_text()
    if path.suffix == ".md":
        text = CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        if name in ("COMMENT", "STRING", "FSTRING_MIDDLE") and " " in token.string.strip():
            plain = CODE.sub(
                lambda code: re.sub(r"[^\n]", " ", code[0]), FIELD.sub("", token.string)
            )
            yield from enumerate(plain.splitlines(), token.start[0])


def faults(path):
    place = str(path.relative_to(ROOT))
    for number, line in prose(path):
        for pattern, instead in PATTERNS.items():
            for match in pattern.finditer(line):
                word = match[0].lower()
                if not any(place.startswith(p) and word == w for p, w in ALLOWED):
                    yield f"{place}:{number}: {word!r}; write: {instead}"


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_are_plain(path):
    assert list(faults(path)) == []


@pytest.mark.parametrize("folder", folders(), ids=lambda path: path.name)
def test_docstrings_comments_and_messages_are_plain(folder):
    assert [fault for path in sources(folder) for fault in faults(path)] == []


def test_files_of_the_core_are_plain():
    assert [fault for path in (ROOT / "wmframe").glob("*.py") for fault in faults(path)] == []


def test_the_dialect_is_found(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("Weights learnt beside `ours` go on.\n")
    module = tmp_path / "module.py"
    module.write_text('x = "learnt"  # made anew\n"""What was learnt here.\n\nIt goes on."""\n')
    assert {fault.split("'")[1] for fault in faults(page)} == {"learnt", "beside", "go on"}
    assert [fault.split(":")[1] for fault in faults(module)] == ["1", "2", "4"]
