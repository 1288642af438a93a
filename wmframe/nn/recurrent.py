"""Layers of a recurrence, whose weight gradients over all steps are one product.

The gradient of a weight is as large as the weight: computed and summed at every step it costs more
than the layer itself. On every device one product over the rows of all steps is faster.

Letters: B batch rows of a step, N rows of all steps, I and O sizes of input and output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from wmframe.nn.cpu.linear import Linear, product
from wmframe.nn.precision import to_autocast_dtype

Layer = tuple[Tensor, Tensor]
"""Weight [O, I] and bias [O]."""


class StepLinear(Linear):
    """torch's ``Linear``; within :func:`over_time` its calls are the steps of one clip."""

    _clip: _Steps | None = None

    def forward(self, x: Tensor) -> Tensor:
        """[..., I] to [..., O]."""
        return super().forward(x) if self._clip is None or x.dim() != 2 else self._clip(x)


@contextmanager
def over_time(module: nn.Module) -> Iterator[None]:
    """Within the block, calls of the module's :class:`StepLinear` layers are steps of one clip.

    Their weights must not change before the backward pass. What else the module does is not
    concerned.
    """
    layers = [part for part in module.modules() if isinstance(part, StepLinear)]
    before = [layer._clip for layer in layers]
    try:
        for layer in layers:
            layer._clip = _Steps(layer)
        yield
    finally:
        for layer, clip in zip(layers, before, strict=True):
            layer._clip = clip


class _Steps:
    """A linear layer for the steps of one clip; its weight is cast once under autocast."""

    def __init__(self, layer: nn.Linear) -> None:
        self._layer = to_autocast_dtype(layer.weight), to_autocast_dtype(layer.bias)
        self._buffer: StepBuffer | None = None
        if torch.is_grad_enabled() and layer.weight.requires_grad:
            self._buffer = StepBuffer(_linear_gradients)
            self._layer = _Start.apply(self._buffer, *self._layer)  # type: ignore[no-untyped-call]

    def __call__(self, x_BI: Tensor) -> Tensor:
        weight, bias = self._layer
        x_BI = x_BI.to(weight.dtype)
        if self._buffer is None:
            return nn.functional.linear(x_BI, weight, bias)
        out: Tensor = _LinearStep.apply(x_BI, weight, bias, self._buffer)  # type: ignore[no-untyped-call]
        return out


class StepMLP:
    """Dense layers for the steps of one rollout, with one backward pass for all steps.

    Where no gradient goes back to the inputs, as in an actor's rollout (Hafner et al. 2020, section
    2.2), nothing about the gradients of the layers depends on the order of the steps.

    Args:
        layers: at least one.
        act: follows each of them; writes over its input.
        act_backward: the gradient of its output, and its output, to the gradient of its input.
    """

    def __init__(
        self,
        layers: Sequence[nn.Linear],
        act: Callable[[Tensor], Tensor],
        act_backward: Callable[[Tensor, Tensor], Tensor],
    ) -> None:
        flat = [to_autocast_dtype(p) for layer in layers for p in (layer.weight, layer.bias)]
        weights = [weight.detach() for weight in flat[::2]]
        self._buffer = StepBuffer(lambda rows: _mlp_gradients(rows, weights, act_backward))
        self._flat = _Start.apply(self._buffer, *flat)  # type: ignore[no-untyped-call]
        self._act = act

    def __call__(self, x_BI: Tensor) -> Tensor:
        """[B, I] to [B, O]; ``x_BI`` gets no gradient."""
        out: Tensor = _MLPStep.apply(x_BI, self._act, self._buffer, *self._flat)  # type: ignore[no-untyped-call]
        return out


class StepBuffer:
    """What the steps of one backward pass leave for the gradients of the parameters."""

    def __init__(self, gradients: Callable[[Sequence[Tensor]], Sequence[Tensor]]) -> None:
        self._gradients = gradients
        self._rows: list[tuple[Tensor, ...]] = []
        self._pass = -1

    def add(self, *rows: Tensor) -> None:
        """Of one step; what a pass left that never came to the parameters is dropped."""
        now = torch._C._current_graph_task_id()  # the only way to tell one pass from the next
        if now != self._pass:
            self._rows, self._pass = [], now
        self._rows.append(rows)

    def gradients(self) -> Sequence[Tensor]:
        """Of the parameters, over all steps; nothing is left behind."""
        rows, self._rows = self._rows, []
        return self._gradients([torch.cat(part) for part in zip(*rows, strict=True)])


def _linear_gradients(rows: Sequence[Tensor]) -> Sequence[Tensor]:
    x_NI, grad_NO = rows
    return grad_NO.t() @ x_NI, grad_NO.sum(0)


def _mlp_gradients(
    rows: Sequence[Tensor],
    weights: Sequence[Tensor],
    act_backward: Callable[[Tensor, Tensor], Tensor],
) -> Sequence[Tensor]:
    *outs, grad = rows  # the first layer's input, each layer's output, the last one's gradient
    found: list[Tensor] = []
    for index in reversed(range(len(weights))):
        grad = act_backward(grad, outs[index + 1])
        found = [grad.t() @ outs[index], grad.sum(0), *found]
        if index:
            grad = grad @ weights[index]
    return found


class _Start(torch.autograd.Function):  # its backward runs after those of all steps
    @staticmethod
    def forward(ctx: Any, buffer: StepBuffer, *parameters: Tensor) -> tuple[Tensor, ...]:
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*parameters)  # so that a change before backward is noticed
        ctx.buffer = buffer
        return tuple(parameter.view_as(parameter) for parameter in parameters)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *_: Any) -> tuple[Tensor | None, ...]:
        assert ctx.saved_tensors
        return None, *ctx.buffer.gradients()


class _LinearStep(torch.autograd.Function):  # leaves its rows to the buffer
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, buffer: StepBuffer) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.buffer = buffer
        return product(x, weight.t(), bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        ctx.buffer.add(x, grad)
        return product(grad, weight) if ctx.needs_input_grad[0] else None, None, None, None


class _MLPStep(torch.autograd.Function):  # leaves what its layers gave to the buffer
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, act: Callable[[Tensor], Tensor], buffer: StepBuffer, *flat: Tensor
    ) -> Tensor:
        outs = [x.to(flat[0].dtype)]
        for weight, bias in zip(flat[::2], flat[1::2], strict=True):
            outs.append(act(nn.functional.linear(outs[-1], weight, bias)))
        ctx.save_for_backward(*outs)
        ctx.buffer = buffer
        return outs[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        ctx.buffer.add(*ctx.saved_tensors, grad)
        return None, None, None, *(None for _ in ctx.needs_input_grad[3:])
