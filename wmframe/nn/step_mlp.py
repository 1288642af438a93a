"""A multi-layer perceptron at every step of a rollout, with one backward pass for all steps.

Where no gradient goes back to its inputs, as in an actor's rollout (Hafner et al. 2020, section
2.2), nothing about its gradients depends on their order: products over all rows are faster than
one a step, and a fraction of the operations.

Letters: B rows of a step, S rows of all steps, I, O and U lengths of what goes in, comes out, and
comes out of the last layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from wmframe.nn.layers import Reversible
from wmframe.nn.linear import linear, product
from wmframe.nn.steps import Seen
from wmframe.training.precision import lower


class StepMLP:
    """Layers for the steps of one rollout; make it anew for each, before the first step.

    Args:
        layers: without norms, [O, I] each; at least one.
        act: what follows each of them.
    """

    def __init__(self, layers: Sequence[nn.Linear], act: Reversible) -> None:
        self._layers = [(lower(layer.weight), lower(layer.bias)) for layer in layers]
        self._act, self._seen = act, Seen()
        flat = [part for layer in self._layers for part in layer]
        self._start: Tensor = _Start.apply(act, self._seen, *flat)  # type: ignore[no-untyped-call]

    def __call__(self, x_BI: Tensor) -> Tensor:
        """[B, I] to [B, U]; rows get no gradient."""
        inputs = x_BI, self._start, self._layers, self._act, self._seen
        out: Tensor = _Step.apply(*inputs)  # type: ignore[no-untyped-call]
        return out


class _Start(torch.autograd.Function):
    """Its backward comes after those of all steps."""

    @staticmethod
    def forward(ctx: Any, act: Reversible, seen: Seen, *parameters: Tensor) -> Tensor:
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*parameters[::2])
        ctx.act, ctx.seen = act, seen
        return parameters[0].new_empty(0)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *_: Any) -> tuple[Tensor | None, ...]:
        *between, grad = ctx.seen.take()
        found: list[Tensor] = []
        for index, weight in reversed(list(enumerate(ctx.saved_tensors))):
            grad = ctx.act.backward(grad, between[index + 1])
            found += [grad.sum(0), grad.t() @ between[index]]
            if index:
                grad = product(grad, weight)
        return None, None, *reversed(found)


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        start: Tensor,
        layers: Sequence[tuple[Tensor, Tensor]],
        act: Reversible,
        seen: Seen,
    ) -> Tensor:
        between = [x.to(layers[0][0].dtype)]
        for weight, bias in layers:
            between.append(act.forward(linear(between[-1], weight, bias)))
        ctx.save_for_backward(*between)
        ctx.seen = seen
        return between[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[None, ...]:
        ctx.seen.add(*ctx.saved_tensors, grad)
        return None, None, None, None, None
