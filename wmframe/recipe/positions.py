"""Finds the line of every key in a TOML document, which :mod:`tomllib` does not tell.

The document was read by :mod:`tomllib` before, so that here everything is known to be well formed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Final

from wmframe.recipe.tree import KeyPath

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY: Final = re.compile(r"""[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]+")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line, from 1, of each key, table and array element of a TOML document."""
    return _Scanner(text).document()


def split_key(text: str) -> tuple[str, ...] | None:
    """The parts of a dotted key as TOML writes it, or None if it is not one."""
    scanner = _Scanner(text)
    try:
        keys = scanner.key()
    except ValueError:
        return None
    return keys if scanner.at == len(text) else None


class _Scanner:
    """Walks once over the text; ``at`` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self.sizes: dict[KeyPath, int] = {}  # of each array of tables, so far

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self.blank() < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
        return self.lines

    def blank(self) -> int:
        self.match(_BLANK)
        return self.at

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"no {pattern.pattern} at {self.at}")
        self.at = found.end()
        return found

    def record(self, path: KeyPath, at: int) -> None:
        line = self.text.count("\n", 0, at) + 1
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def key(self) -> tuple[str, ...]:
        keys = [_unquoted(self.match(_KEY)[1])]
        while self.text.startswith(".", self.at):
            self.at += 1
            keys.append(_unquoted(self.match(_KEY)[1]))
        return tuple(keys)

    def header(self) -> KeyPath:
        start, width = self.at, 2 if self.text.startswith("[[", self.at) else 1
        self.at += width
        keys = self.key()
        self.at += width
        path: KeyPath = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if width == 2 and position == len(keys) - 1:
                self.sizes[path] = self.sizes.get(path, 0) + 1
            if path in self.sizes:
                path = (*path, self.sizes[path] - 1)
        self.record(path, start)
        return path

    def pair(self, table: KeyPath) -> None:
        start = self.at
        path = (*table, *self.key())
        self.at += 1  # the equals sign
        self.record(path, start)
        self.value(path)

    def value(self, path: KeyPath) -> None:
        self.blank()
        opening = self.text[self.at]
        if opening == "[":
            self.array(path)
        elif opening == "{":
            self.inline_table(path)
        else:
            self.match(_STRING if opening in "\"'" else _SCALAR)

    def array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self.text[self.blank()] != "]":
            self.record((*path, index), self.at)
            self.value((*path, index))
            index += 1
            self.comma()
        self.at += 1

    def inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self.text[self.blank()] != "}":
            self.pair(path)
            self.comma()
        self.at += 1

    def comma(self) -> None:
        if self.text[self.blank()] == ",":
            self.at += 1


def _unquoted(key: str) -> str:
    return str(tomllib.loads(f"key = {key}")["key"]) if key[0] in "\"'" else key
