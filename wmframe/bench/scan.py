"""``wmframe bench learner --dynamics``: the pass of a latent model over a clip, by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from wmframe.errors import UsageError
from wmframe.interfaces.models import Dynamics, Encoder, Learner
from wmframe.nn.precision import backward
from wmframe.types import Batch

Kind = TypeVar("Kind", bound=nn.Module)


def scan(learner: Learner, batch: Batch) -> Callable[[], None]:
    """Forward and backward over the steps of a batch, from random embeddings to gradients of all.

    The loss is the dynamics' own and the mean square of the features, so that the gradient reaches
    every step from above, as a decoder's does.

    Raises:
        UsageError: the learner has no dynamics behind an encoder.
    """
    dynamics = part(learner, Dynamics)  # type: ignore[type-abstract]
    encoder = part(learner, Encoder)  # type: ignore[type-abstract]
    is_first_BT = batch["is_first"]
    shape = (*is_first_BT.shape, encoder.embed_dim)
    embed_BTE = torch.randn(shape, device=is_first_BT.device, requires_grad=True)
    learnt: list[Tensor] = [embed_BTE, *dynamics.parameters()]

    def work() -> None:
        observed = dynamics.observe(embed_BTE, batch.get("action"), is_first_BT)
        losses, _ = dynamics.losses(observed)
        loss = torch.stack([*losses.values()]).sum()
        loss = loss + dynamics.features(observed.posterior).square().mean()
        backward(loss)
        for tensor in learnt:
            tensor.grad = None

    return work


def part(learner: Learner, kind: type[Kind]) -> Kind:
    """The outermost module of a kind.

    Raises:
        UsageError: there is none.
    """
    for module in learner.modules():
        if isinstance(module, kind):
            return module
    name = kind.__name__
    raise UsageError(f"{type(learner).__name__} holds no {name}", "measure whole updates of it")
