"""The linear layers of a recurrence, applied to a few rows at every step of a clip.

The gradient of a weight is as large as the weight: made and added up at every step it costs more
than the layer; over all steps together it is one product.

Letters: B rows, I and O lengths of what goes in and comes out, S steps.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wmframe.nn.cpu.switch import enabled
from wmframe.nn.linear import linear, product
from wmframe.training.precision import lower


class StepLinear:
    """A linear layer for the steps of one clip; make it anew for each, before the first step.

    Args:
        weight_OI: of the layer.
        bias_O: of the layer; None if each step adds something of its own.
    """

    def __init__(self, weight_OI: Tensor, bias_O: Tensor | None = None) -> None:
        self._weight = lower(weight_OI)
        self._bias = None if bias_O is None else lower(bias_O)
        self._seen = (
            Seen()
            if enabled("step_gradients") and torch.is_grad_enabled() and weight_OI.requires_grad
            else None
        )
        if self._seen is not None:
            shared = _Shared.apply(self._weight, self._bias, self._seen)  # type: ignore[no-untyped-call]
            self._weight, self._bias = shared

    def __call__(self, x_BI: Tensor, add_BO: Tensor | None = None) -> Tensor:
        """The layer's output [B, O], with ``add_BO`` in the place of a bias."""
        x_BI = x_BI.to(self._weight.dtype)
        add = self._bias if add_BO is None else add_BO
        if self._seen is None:
            return linear(x_BI, self._weight, add)
        inputs = x_BI, add, self._weight, add_BO is None, self._seen
        out: Tensor = _Step.apply(*inputs)  # type: ignore[no-untyped-call]
        return out


class Seen:
    """What the steps of one backward pass saw: inputs, outputs, gradients of outputs."""

    def __init__(self) -> None:
        self._rows: list[tuple[Tensor, ...]] = []
        self._pass = -1

    def add(self, *rows: Tensor) -> None:
        """Of one step; what a pass left that never came to the weight is forgotten."""
        now = torch._C._current_graph_task_id()
        if now != self._pass:
            self._rows, self._pass = [], now
        self._rows.append(rows)

    def take(self) -> tuple[Tensor, ...]:
        """Of all steps together, [S, ...] each, as they were added; nothing is left."""
        rows, self._rows = self._rows, []
        return tuple(torch.cat(part) for part in zip(*rows, strict=True))


class _Shared(torch.autograd.Function):
    """Passes a layer on; its backward comes after those of all steps."""

    @staticmethod
    def forward(
        ctx: Any, weight: Tensor, bias: Tensor | None, seen: Seen
    ) -> tuple[Tensor, Tensor | None]:
        ctx.set_materialize_grads(False)
        ctx.seen, ctx.biased = seen, bias is not None
        return weight.view_as(weight), None if bias is None else bias.view_as(bias)

    @staticmethod
    def backward(ctx: Any, *_: Any) -> tuple[Tensor | None, ...]:
        x_SI, grad_SO = ctx.seen.take()
        return grad_SO.t() @ x_SI, grad_SO.sum(0) if ctx.biased else None, None


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, add: Tensor, weight: Tensor, biased: bool, seen: Seen
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.biased, ctx.seen = biased, seen
        return product(x, weight.t(), add)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        ctx.seen.add(x, grad)
        grad_x = product(grad, weight, None) if ctx.needs_input_grad[0] else None
        return grad_x, None if ctx.biased else grad, None, None, None
