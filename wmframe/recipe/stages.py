"""The stages of a recipe, in the order written, and what they say of one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import attrs

from wmframe.config import Part
from wmframe.recipe.faults import FAILED, Place
from wmframe.recipe.structure import Structurer
from wmframe.recipe.tree import Node, wrap
from wmframe.suggest import suggest

PREFIX: Final = "stages."
"""How a stage names another one: ``init = "stages.pretrain"``."""


def read_stages(work: Structurer, recipe: Node) -> tuple[tuple[str, Part], ...]:
    """The stages by name; what is wrong is noted in ``work``."""
    table, place = recipe.value.get("stages"), Place(("stages",))
    if table is None or not table.is_table or not table.value:
        hint = 'write [stages.NAME] with use = "online"'
        work.fault(table or recipe, place, "a recipe needs a table of stages", hint)
        return ()
    made = [(name, _stage(work, name, table, place.key(name))) for name in table.value]
    stages = [(name, part) for name, part in made if part is not FAILED]
    for name, part in stages:
        _check_references(work, table, name, part)
    return tuple(stages)


def _stage(work: Structurer, name: str, table: Node, place: Place) -> Any:
    node = table.value[name]
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        hint = "a stage's name becomes a folder; use letters, digits, _ and -"
        return work.fault(node, place, "cannot be a stage's name", hint)
    others = [other for other, child in table.value.items() if child.at(("use",))]
    if node.is_table and "use" not in node.value and others:
        hint = f'{suggest(name, others)} A new stage needs use = "online" or another kind of stage'
        return work.fault(node, place, "there is no such stage", hint)
    return work.part("stage", node, place)


def _check_references(work: Structurer, table: Node, name: str, part: Part) -> None:
    """Check the settings of one stage that name another: it has to come earlier."""
    names = list(table.value)
    earlier = names[: names.index(name)]
    for key, value in _texts(part):
        place = Place(("stages", name, key))
        node = table.at((name, key)) or wrap(value, table.value[name].origin)
        if value.startswith(PREFIX):
            _check_stage(work, node, place, value.removeprefix(PREFIX), earlier)
        elif key in ("init", "source") and value in names:
            work.fault(node, place, f'"{value}" is not a path', f'write "{PREFIX}{value}"')


def _check_stage(
    work: Structurer, node: Node, place: Place, wanted: str, earlier: Sequence[str]
) -> None:
    if wanted in earlier:
        return
    options = [f"{PREFIX}{other}" for other in earlier]
    hint = suggest(f"{PREFIX}{wanted}", options) or "this is the first stage; give a path"
    work.fault(node, place, f'"{wanted}" is not an earlier stage', hint)


def _texts(part: Part) -> list[tuple[str, str]]:
    if part.config is None:
        return []
    names = [field.name for field in attrs.fields(type(part.config))]
    values = [(name, getattr(part.config, name)) for name in names]
    return [(name, value) for name, value in values if isinstance(value, str)]
