"""Switch modules for the length of a block: off for gradients, or to evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def frozen(*modules: nn.Module) -> Iterator[None]:
    """Record no gradient to the modules' parameters; gradients still pass through them."""
    thawed = [p for module in modules for p in module.parameters() if p.requires_grad]
    for parameter in thawed:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
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


def _parts(modules: Iterable[nn.Module]) -> Iterator[nn.Module]:
    left: list[nn.Module | None] = list(modules)
    while left:
        module = left.pop()
        if module is not None:
            yield module
            left += module._modules.values()


def _switch(modules: list[nn.Module], training: bool) -> None:
    for module in modules:
        module.__dict__["training"] = training
