"""Building blocks of HTML reports; all text is escaped here."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from matplotlib.figure import Figure

from wmframe.report.style import data_uri


def document(title: str, parts: Iterable[str]) -> str:
    """A self-contained page, without external references."""
    template = resources.files("wmframe.report").joinpath("page.html").read_text(encoding="utf-8")
    return Template(template).substitute(title=escape(title), body="\n".join(parts))


def text(plain: str) -> str:
    """Plain text."""
    return escape(plain)


def heading(words: str, level: int = 2) -> str:
    """A heading."""
    return f"<h{level}>{escape(words)}</h{level}>"


def tiles(facts: Mapping[str, str]) -> str:
    """The few numbers that matter, large."""
    cells = (
        f'<div class="tile"><b>{escape(v)}</b><span>{escape(k)}</span></div>'
        for k, v in facts.items()
    )
    return f'<div class="tiles">{"".join(cells)}</div>'


def picture(figure: Figure | None, title: str) -> str:
    """A figure under its title, drawn into the page; nothing for None."""
    if figure is None:
        return ""
    return f'{heading(title, 3)}<img src="{data_uri(figure)}" alt="{escape(title)}">'


def figure(content: str, caption: Iterable[str]) -> str:
    """Content that is HTML already, over lines of caption that are HTML too."""
    return f"<figure>{content}<figcaption>{'<br>'.join(caption)}</figcaption></figure>"


def player(path: Path) -> str:
    """A clip that plays at once, with its content in the page."""
    content = base64.b64encode(path.read_bytes()).decode()
    source = f"data:video/mp4;base64,{content}"
    return f'<video controls loop muted autoplay playsinline src="{source}"></video>'


def link(path: Path, root: Path, label: str) -> str:
    """A link to a file below the page's folder."""
    place = quote(path.relative_to(root).as_posix())
    return f'<a href="{place}">{escape(label)}</a>'


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; numbers stand right, names that look like code in its type."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def cell(value: Any) -> str:
    """One cell of a table."""
    if isinstance(value, float):
        return f'<td class="number">{number(value)}</td>'
    return f"<td>{escape(str(value))}</td>"


def number(value: float) -> str:
    """Four digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def folded(title: str, content: str) -> str:
    """A collapsed section."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def code(words: str) -> str:
    """A block of code."""
    return f"<pre>{escape(words)}</pre>"
