"""Switch modules for the length of a block: off for gradients, or to evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def frozen(*modules: nn.Module) -> Iterator[None]:
    """Record no gradient to the modules' parameters; gradients still pass through them."""
    thawed = [p for module in modules for p in module.parameters() if p.requires_grad]
    try:
        for parameter in thawed:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in thawed:
            parameter.requires_grad_(True)


@contextmanager
def evaluating(*modules: nn.Module) -> Iterator[None]:
    """Put the modules in evaluation mode, each submodule back as it was afterwards."""
    training = [part for module in modules for part in module.modules() if part.training]
    try:
        for part in training:
            part.training = False
        yield
    finally:
        for part in training:
            part.training = True
