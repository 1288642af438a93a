"""What an update does, counted and not timed: the same on every machine and at any load.

Arithmetic is what :class:`~torch.utils.flop_counter.FlopCounterMode` counts: matrix products,
convolutions and attention, a multiplication and an addition being two.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import attrs
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import (
    FlopCounterMode,
    flop_registry,
    sdpa_backward_flop_count,
    sdpa_flop_count,
)

ALLOCATIONS: Final = frozenset({"empty", "empty_like", "empty_strided", "new_empty"})
"""Operations other than views that compute nothing."""

READ: Final = "_local_scalar_dense"
"""The operation behind ``item()`` and ``if tensor:``."""

_ATEN: Final = torch.ops.aten


def _attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    flops: int = sdpa_flop_count(query, key, value)  # type: ignore[no-untyped-call]
    return flops


def _attention_backward(grad: Any, query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    shapes = grad, query, key, value
    flops: int = sdpa_backward_flop_count(*shapes)  # type: ignore[no-untyped-call]
    return flops


def _linear(x: Any, *_: Any, out_shape: Any, **__: Any) -> int:
    flops: int = 2 * math.prod(x) * out_shape[-1]
    return flops


def _convolution(_x: Any, *others: Any, out_shape: Any, **__: Any) -> int:
    # what comes second may be added to the output; the kernels are what has no bias before it
    kernels = next(a for a, b in pairwise(others) if b is None or len(b) == 1)
    flops: int = 2 * math.prod(out_shape) * math.prod(kernels[1:])
    return flops


_ON_THE_CPU: Final = {  # what torch's own table leaves out
    torch.ops.mkldnn._linear_pointwise: _linear,
    torch.ops.mkldnn._convolution_pointwise: _convolution,
    _ATEN._scaled_dot_product_flash_attention_for_cpu: _attention,
    _ATEN._scaled_dot_product_flash_attention_for_cpu_backward: _attention_backward,
}


@attrs.frozen
class Counts:
    """What some work did.

    Attributes:
        ops: operations that compute, each a kernel unless something fuses them; views excluded.
        flops: floating-point operations of matrix products, convolutions and attention.
        saved_bytes: what forward passes kept for backward passes, each storage once; parameters
            and other tensors that were there before are not counted, nor are the outputs of
            convolutions that :mod:`wmframe.nn.checkpointing` holds.
        host_reads: values read back to the host.
        precision: dtype of most operations that ``flops`` counts.
        by_name: how often each operation was called.
    """

    ops: int
    flops: int
    saved_bytes: int
    host_reads: int
    precision: str
    by_name: Mapping[str, int]


def count(work: Callable[[], object], there_before: Iterable[Tensor] = ()) -> Counts:
    """Do some work once, as written: what ``torch.compile`` would fuse is counted apart.

    Args:
        work: what to count.
        there_before: tensors that do not count as kept, such as parameters, buffers and the batch.
    """
    ops, saved = OpCounter(), SavedBytes(there_before)
    flops = FlopCounterMode(display=False, custom_mapping=_ON_THE_CPU)
    with torch.compiler.set_stance("force_eager"), flops, ops, saved.hooks():
        work()
    precision = ops.precisions.most_common(1)
    return Counts(
        ops=sum(number for name, number in ops.calls.items() if name not in (*ALLOCATIONS, READ)),
        flops=flops.get_total_flops(),
        saved_bytes=saved.total,
        host_reads=ops.calls[READ],
        precision=precision[0][0] if precision else "none",
        by_name=dict(ops.calls.most_common()),
    )


class OpCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts operations by name, but no views, and notes the dtype of those with arithmetic."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: Counter[str] = Counter()
        self.precisions: Counter[str] = Counter()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Count, and pass on."""
        packet = func._overloadpacket
        if not func.is_view and packet is not _ATEN._unsafe_view:
            self.calls[packet.__name__] += 1
        if packet in flop_registry or packet in _ON_THE_CPU:
            self.precisions[str(args[0].dtype).removeprefix("torch.")] += 1
        return func(*args, **(kwargs or {}))


class SavedBytes:
    """Adds up the storages that autograd keeps.

    A weak reference to each stays until the end: it keeps the name of a storage that was freed
    from being given to another one, and holds no memory of its own.
    """

    def __init__(self, there_before: Iterable[Tensor] = ()) -> None:
        self.total = 0
        self._known: dict[int, StorageWeakRef] = {}
        for tensor in there_before:
            self._is_new(tensor)

    def hooks(self) -> saved_tensors_hooks:
        """Within ``with saved.hooks():``, what is saved counts."""
        return saved_tensors_hooks(self._pack, lambda tensor: tensor)

    def _pack(self, tensor: Tensor) -> Tensor:
        if self._is_new(tensor):
            self.total += tensor.untyped_storage().nbytes()
        return tensor

    def _is_new(self, tensor: Tensor) -> bool:
        storage = tensor.untyped_storage()
        reference = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
        return self._known.setdefault(reference.cdata, reference) is reference
