"""Two-way mapping of parameter names to the reference implementation (thuml/ContextWM).

Each table is a list of pairs of templates. ``{i}`` to ``{n}`` stand for a number and ``{leaf}`` for
the last word of a name (``weight``, ``running_mean``, ...).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Rename(NamedTuple):
    """One pair; with ``needs``, only where our module has a tensor of that name too."""

    ours: str
    reference: str
    needs: str = ""


class Renames:
    """A table of pairs; the first that fits a name decides."""

    def __init__(self, pairs: Iterable[Rename]) -> None:
        self.pairs = tuple(pairs)

    def __add__(self, other: Renames) -> Renames:
        return Renames((*self.pairs, *other.pairs))

    def under(self, ours: str, reference: str) -> Renames:
        """The same table for a module at ``ours`` in wmframe and ``reference`` in the reference."""
        return Renames(
            Rename(ours + a, reference + b, ours + needs if needs else "")
            for a, b, needs in self.pairs
        )

    def to_reference(self, names: Iterable[str]) -> dict[str, str]:
        """Map wmframe's names to the reference's; a name that no pair fits is omitted."""
        present = dict.fromkeys(names)
        found = {}
        for name in present:
            for ours, reference, needs in self.pairs:
                words = _match(ours, name)
                if words is not None and (not needs or needs.format(**words) in present):
                    found[name] = reference.format(**words)
                    break
        return found

    def to_ours(self, names: Iterable[str]) -> dict[str, str]:
        """Map the reference's names to wmframe's; a name that no pair fits is omitted."""
        found = {}
        for name in names:
            for ours, reference, _ in self.pairs:
                words = _match(reference, name)
                if words is not None:
                    found[name] = ours.format(**words)
                    break
        return found


def _match(template: str, name: str) -> dict[str, str] | None:
    pattern = re.escape(template).replace(r"\{leaf\}", r"(?P<leaf>\w+)")
    pattern = re.sub(r"\\\{(\w)\\\}", r"(?P<\1>\\d+)", pattern)
    found = re.fullmatch(pattern, name)
    return found.groupdict() if found else None


def _leaves(pairs: Sequence[tuple[str, str]]) -> Renames:
    return Renames(Rename(f"{ours}.{{leaf}}", f"{reference}.{{leaf}}") for ours, reference in pairs)


RSSM = _leaves(
    [
        ("cell.linear", "_cell._layer"),
        ("cell.norm", "_cell._norm"),
        ("img_in", "img_in"),
        ("img_in_norm", "img_in_norm._layer"),
        ("img_out.{k}", "img_out_{k}"),
        ("img_out_norm.{k}", "img_out_norm_{k}._layer"),
        ("img_dist.{k}", "img_dist_{k}"),
        ("obs_out", "obs_out"),
        ("obs_out_norm", "obs_out_norm._layer"),
        ("obs_dist", "obs_dist"),
    ]
)

# Without norms the reference's sequence is shorter: its second convolution has another index.
RESIDUAL_LAYER = _leaves(
    [
        ("conv1", "res_block.0"),
        ("norm1", "res_block.1"),
        ("norm2", "res_block.4"),
        ("shortcut.{n}", "identity.{n}"),
    ]
) + Renames(
    [
        Rename("conv2.{leaf}", "res_block.3.{leaf}", needs="norm1.weight"),
        Rename("conv2.{leaf}", "res_block.2.{leaf}"),
    ]
)

STAGES = RESIDUAL_LAYER.under("stages.{i}.{j}.", "res{i}.stack.{j}.")

CONVS = _leaves([("convs.{i}", "conv{i}"), ("norms.{i}", "convnorm{i}._layer")])

TRUNK = _leaves([("stem", "convin")]) + STAGES + CONVS

ENCODER = TRUNK.under("trunk.", "")

DECODER = _leaves([("project", "convin"), ("image_out", "convout")]) + STAGES + CONVS

HEAD = _leaves(
    [
        ("trunk.layers.{n}.linear", "dense{n}"),
        ("trunk.layers.{n}.norm", "norm{n}._layer"),
        ("output.linear", "out.out"),
        ("output.std", "out.std"),
    ]
)
