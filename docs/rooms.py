"""The packages of the core as one figure, ``docs/_static/rooms.svg``: run ``python docs/rooms.py``.

An arrow is an import, wherever in a file it stands; those that follow from others are left out
(transitive reduction). A package stands as high as its longest way down, and an arrow that passes
rows goes through gaps between their boxes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).parent / "_static" / "rooms.svg"
FILES = "single files"
BOX, GAP, HEIGHT, ROW, MARGIN = 100, 26, 34, 74, 16
"""Pixels: the width of a box and of what is around it, its height, from row to row, the border."""

Arrows = Mapping[str, set[str]]
Place = tuple[str, str, int]
"""A box ``(room, room, row)``, or where the arrow of two rooms passes a row."""


def room_of(parts: Sequence[str]) -> str:
    """The package of a module below ``wmframe``, by the parts of its name."""
    return parts[0] if parts and (ROOT / "wmframe" / parts[0]).is_dir() else FILES


def imported(tree: ast.AST) -> Iterator[list[str]]:
    """What a file imports from the core: names below ``wmframe``, in parts."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (n.split(".")[1:] for n in names if n.split(".")[0] == "wmframe")


def arrows() -> dict[str, set[str]]:
    """By package, the packages that its files import."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "wmframe").rglob("*.py")):
        room = room_of(path.relative_to(ROOT / "wmframe").parts[:-1])
        aims = {room_of(parts) for parts in imported(ast.parse(path.read_text("utf-8")))}
        found.setdefault(room, set()).update(aims - {room})
    return {**found, FILES: set()}  # some hand on names of packages, when they are asked for


def floors(graph: Arrows) -> dict[str, int]:
    """The longest way from each package down.

    Raises:
        ValueError: packages import each other in a circle.
    """
    known: dict[str, int] = {}

    def floor(room: str, above: tuple[str, ...] = ()) -> int:
        if room in above:
            raise ValueError(f"circular imports: {' -> '.join((*above, room))}")
        if room not in known:
            known[room] = max((1 + floor(aim, (*above, room)) for aim in graph[room]), default=0)
        return known[room]

    for room in graph:
        floor(room)
    return known


def reduced(graph: Arrows) -> list[tuple[str, str]]:
    """The arrows that do not follow from others."""

    def below(room: str) -> set[str]:
        return graph[room].union(*(below(aim) for aim in graph[room]))

    return sorted(
        (room, aim)
        for room, aims in graph.items()
        for aim in aims
        if not any(aim in below(other) for other in aims - {aim})
    )


def chains(pairs: Sequence[tuple[str, str]], level: Mapping[str, int]) -> list[list[Place]]:
    """By arrow, the places that it goes through, from its upper box to its lower one."""
    return [
        [
            (room, room, level[room]),
            *((room, aim, at) for at in range(level[room] - 1, level[aim], -1)),
            (aim, aim, level[aim]),
        ]
        for room, aim in pairs
    ]


def rows(ways: Sequence[Sequence[Place]], level: Mapping[str, int]) -> list[list[Place]]:
    """The places of each row from left to right, near those that they are connected with."""
    places = {place for way in ways for place in way} | {(r, r, at) for r, at in level.items()}
    table = [sorted(p for p in places if p[2] == at) for at in range(max(level.values()) + 1)]
    near: dict[Place, list[Place]] = {place: [] for place in places}
    for way in ways:
        for upper, lower in pairwise(way):
            near[upper].append(lower)
            near[lower].append(upper)
    for turn in range(24):
        step = 1 if turn % 2 else -1
        for row in table[::step]:
            at = {place: x for line in table for place, x in across(line).items()}
            side = [[at[o] for o in near[p] if (o[2] - p[2]) * step < 0] for p in row]
            mean = {p: sum(xs) / len(xs) if xs else at[p] for p, xs in zip(row, side, strict=True)}
            row.sort(key=lambda place: (mean[place], place))
    return table


def across(row: Sequence[Place]) -> dict[Place, float]:
    """How far right each place of a row is, the middle of the row being 0."""
    width = [BOX + GAP if room == aim else GAP for room, aim, _ in row]
    return {
        place: sum(width[:index]) + width[index] / 2 - sum(width) / 2
        for index, place in enumerate(row)
    }


def draw() -> str:
    """The figure."""
    graph = arrows()
    level = floors(graph)
    ways = chains(reduced(graph), level)
    table = rows(ways, level)
    wide = max(sum(BOX + GAP if a == b else GAP for a, b, _ in row) for row in table) + 2 * MARGIN
    high = (len(table) - 1) * ROW + HEIGHT + 2 * MARGIN
    at = {
        place: (wide / 2 + x, MARGIN + HEIGHT / 2 + (len(table) - 1 - place[2]) * ROW)
        for row in table
        for place, x in across(row).items()
    }
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" '
        f'width="{wide:.0f}" font-family="sans-serif" font-size="14" role="img" '
        'aria-label="packages of wmframe and their imports">'
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z" fill="#667"/></marker></defs>'
        f'<rect width="{wide:.0f}" height="{high:.0f}" fill="#fff"/>'
    )
    boxes = [box(room, *at[room, room, on]) for room, on in sorted(level.items())]
    return "\n".join([head, *(line([at[p] for p in way]) for way in ways), *boxes, "</svg>"]) + "\n"


def line(way: Sequence[tuple[float, float]]) -> str:
    """An arrow from one box's lower edge, past the boxes of other rows, to another's upper edge."""
    (x, y), *_, (u, v) = way
    edges = [(x, y + HEIGHT / 2)]
    for a, b in way[1:-1]:
        edges += [(a, b - HEIGHT / 2), (a, b + HEIGHT / 2)]
    edges.append((u, v - HEIGHT / 2))
    path = f"M{edges[0][0]:.0f},{edges[0][1]:.0f}"
    for index, ((x, y), (u, v)) in enumerate(pairwise(edges)):
        middle = (y + v) / 2
        bend = f"C{x:.0f},{middle:.0f} {u:.0f},{middle:.0f} {u:.0f},{v:.0f}"
        path += f" {bend if index % 2 == 0 else f'L{u:.0f},{v:.0f}'}"
    return f'<path d="{path}" fill="none" stroke="#667" marker-end="url(#tip)"/>'


def box(room: str, x: float, y: float) -> str:
    """A package."""
    corner = f'x="{x - BOX / 2:.0f}" y="{y - HEIGHT / 2:.0f}"'
    shape = f'<rect {corner} width="{BOX}" height="{HEIGHT}" rx="6" fill="#eef2fb" stroke="#446"/>'
    text = f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle">{escape(room)}</text>'
    return shape + text


if __name__ == "__main__":
    FILE.write_text(draw(), "utf-8")
    print(FILE)
