"""Switch modules for the length of a block: off for gradients, or to evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from wmframe.training.precision import lower


@contextmanager
def frozen(*modules: nn.Module) -> Iterator[None]:
    """Record no gradient to the modules' parameters; gradients still pass through them.

    Autocast remembers what it cast for parameters that record, and would cast the others anew in
    every product: here linear layers are cast once for the block.
    """
    thawed = [p for module in modules for p in module.parameters() if p.requires_grad]
    for parameter in thawed:
        parameter.requires_grad_(False)
    linear = [part._parameters for part in _parts(modules) if isinstance(part, nn.Linear)]
    own = [dict(parameters) for parameters in linear]
    for parameters in linear:
        cast: dict[str, Any] = {name: lower(p) for name, p in parameters.items() if p is not None}
        parameters.update(cast)
    try:
        yield
    finally:
        for parameters, before in zip(reversed(linear), reversed(own), strict=True):
            parameters.update(before)
        for parameter in thawed:
            parameter.requires_grad_(True)


@contextmanager
def evaluating(*modules: nn.Module) -> Iterator[None]:
    """Put the modules in evaluation mode, each submodule back as it was afterwards."""
    training = [part for part in _parts(modules) if part.training]
    _switch(training, False)
    try:
        yield
    finally:
        _switch(training, True)


# Policies do this for a hundred modules at every step, so these two go past what is slow in
# nn.Module: modules(), and __setattr__, which asks whether it is given a parameter.


def _parts(modules: Iterable[nn.Module]) -> list[nn.Module]:
    parts = list(modules)
    for part in parts:  # which grows on the way
        if part._modules:
            parts += [child for child in part._modules.values() if child is not None]
    return parts


def _switch(modules: list[nn.Module], training: bool) -> None:
    for module in modules:
        module.__dict__["training"] = training
