"""Precision of torch's operations: bfloat16 by autocast, TF32, and what must stay float32.

In bfloat16 an update runs under autocast: matrix products and convolutions take and give bfloat16,
and what is sensitive stays float32, as do parameters, gradients and the optimizers' state.
bfloat16 has float32's range, so losses need no scaling.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Final

import torch
from torch import Tensor

NATIVE: Final = "avx512_bf16", "amx_bf16"
"""Extensions by which a CPU multiplies bfloat16 itself; others convert to float32 first."""


def default_precision(device: str) -> str:
    """What ``auto`` is on a device: bfloat16 where it multiplies that itself, else float32."""
    kind = torch.device(device).type
    if kind == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        ask = getattr(torch.cpu, "get_capabilities", dict[str, bool])
        native = kind == "cpu" and any(map(ask().get, NATIVE))
    return "bfloat16" if native else "float32"


def resolve_precision(precision: str, device: str) -> str:
    """``precision``, or :func:`default_precision` of the device if it is ``auto``."""
    return default_precision(device) if precision == "auto" else precision


def allow_tf32(precision: str) -> None:
    """Let matrix products of float32 round to TF32 on GPUs where ``precision`` is ``tf32``."""
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")


def autocast_off(like: Tensor) -> AbstractContextManager[object]:
    """A context in which autocast is off on the device of ``like``."""
    if autocast_is_on(like):
        return torch.autocast(like.device.type, enabled=False)
    return nullcontext()


def autocast_is_on(like: Tensor) -> bool:
    """Whether autocast is on for the device of ``like``."""
    kind = like.device.type
    return torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)


def to_autocast_dtype(x: Tensor) -> Tensor:
    """``x`` in autocast's dtype where that is on, else as it is."""
    return x.to(torch.get_autocast_dtype(x.device.type)) if autocast_is_on(x) else x


def float32_at_least(x: Tensor) -> Tensor:
    """Bring what autocast made bfloat16 or float16 back to float32; float64 stays."""
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x


def backward(loss: Tensor) -> None:
    """Leave the gradients of a loss, each computed in the precision of its forward pass."""
    with autocast_off(loss):
        loss.backward()  # type: ignore[no-untyped-call]
