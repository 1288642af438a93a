"""A module's weights: by name, compared before they are loaded, in part where that is wanted."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import torch
from torch import Tensor, nn

from wmframe.errors import CheckpointError, UsageError


@attrs.frozen
class LoadReport:
    """What was loaded, by name, and what did not fit."""

    loaded: tuple[str, ...]
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    mismatched: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything fitted."""
        return not (self.missing or self.unexpected or self.mismatched)

    def __str__(self) -> str:
        parts = {
            "missing": self.missing,
            "unexpected": self.unexpected,
            "of another shape": self.mismatched,
        }
        lines = [f"  {what}: {', '.join(names)}" for what, names in parts.items() if names]
        return "\n".join([f"{len(self.loaded)} tensors fit", *lines])


def load_weights(
    module: nn.Module, tensors: Mapping[str, Tensor], strict: bool = True
) -> LoadReport:
    """Copy tensors into a module's parameters and buffers of the same names.

    Devices and dtypes stay the module's. Nothing is changed when an error is raised.

    Args:
        module: what is loaded into.
        tensors: by the names of ``module.state_dict()``.
        strict: whether names and shapes must all agree; otherwise what fits is loaded.

    Raises:
        CheckpointError: they do not agree; every odd name is listed.
    """
    return _load(module.state_dict(), tensors, strict)


def _load(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor], strict: bool) -> LoadReport:
    report = compare(own, tensors)
    if strict and not report.complete:
        hint = "load it into the model it was saved from, or ask for what fits with strict=False"
        raise CheckpointError(f"the weights do not fit the model: {report}", hint)
    with torch.no_grad():
        for name in report.loaded:
            own[name].copy_(tensors[name])
    return report


def load_parts(
    module: nn.Module, tensors: Mapping[str, Tensor], parts: Mapping[str, str], strict: bool = True
) -> LoadReport:
    """:func:`load_weights` for parts of a module, from parts of another one.

    Args:
        module: what is loaded into.
        tensors: by the names of the other module's ``state_dict()``.
        parts: prefixes of the other module's names, and the prefixes here that they map to.
        strict: whether all tensors of these parts must agree; otherwise what fits is loaded.

    Raises:
        CheckpointError: they do not agree; every odd name is listed.
        UsageError: the module has no such part.
    """
    own = module.state_dict()
    wanted: dict[str, Tensor] = {}
    found: dict[str, Tensor] = {}
    for theirs, ours in parts.items():
        place = {name: tensor for name, tensor in own.items() if name.startswith(f"{ours}.")}
        if not place:
            raise UsageError(f"the model has no part {ours}", "change initialize")
        wanted |= place
        found |= {
            ours + name.removeprefix(theirs): tensor
            for name, tensor in tensors.items()
            if name.startswith(f"{theirs}.")
        }
    return _load(wanted, found, strict)


def compare(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> LoadReport:
    """Which of the ``given`` tensors fit ``own`` by name and shape."""
    shared = [name for name in own if name in given]
    return LoadReport(
        loaded=tuple(name for name in shared if own[name].shape == given[name].shape),
        missing=tuple(name for name in own if name not in given),
        unexpected=tuple(name for name in given if name not in own),
        mismatched=tuple(
            f"{name} {list(given[name].shape)} instead of {list(own[name].shape)}"
            for name in shared
            if own[name].shape != given[name].shape
        ),
    )
