"""Time, memory and the greatest speed of the device that computes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from wmframe.bench.memory import MIB, resident_peak

MATMUL: Final = {"cpu": 1024, "cuda": 8192}
"""Rows and columns of the matrices whose product shows how fast a device is."""

CONV: Final = {"cpu": 8, "cuda": 256}
"""Pictures of 64 channels at 32x32 that are convolved to show the same."""

TRIES: Final = 3
"""Of each; the best counts."""


def seconds(work: Callable[[], object], device: str) -> float:
    """How long some work takes until its last kernel has ended.

    On a GPU from event to event on its own clock, so that waiting for the host is no part of it
    unless the kernels wait too.
    """
    if not device.startswith("cuda"):
        begun = time.perf_counter()
        work()
        if device.startswith("mps"):
            torch.mps.synchronize()
        return time.perf_counter() - begun
    torch.cuda.synchronize(device)
    start, end = _event(), _event()
    start.record()
    work()
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end)) / 1000


def peak_speed(device: str, dtype: torch.dtype) -> float:
    """The greatest speed that was seen just now, in FLOP/s, of a matrix product or a convolution.

    It moves with the clock of a shared machine, so ask again and keep the greatest.
    """
    kind = device.partition(":")[0]
    size, pictures = MATMUL.get(kind, MATMUL["cpu"]), CONV.get(kind, CONV["cpu"])
    square = torch.randn(size, size, device=device, dtype=dtype)
    image = torch.randn(pictures, 64, 32, 32, device=device, dtype=dtype)
    kernel = torch.randn(64, 64, 3, 3, device=device, dtype=dtype)
    tried: list[tuple[Callable[[], Tensor], float]] = [
        (lambda: square @ square, 2.0 * size**3),
        (lambda: torch.conv2d(image, kernel, padding=1), 2.0 * 64 * 64 * 9 * pictures * 32**2),
    ]
    with torch.no_grad():
        for work, _ in tried:  # chooses its kernels
            work()
        return max(flops / seconds(work, device) for work, flops in tried * TRIES)


def forget_peaks(device: str) -> None:
    """Reset memory peaks where possible: of the process on Linux only."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats(device)


def memory(device: str) -> dict[str, float]:
    """Peaks in MiB: of this process, and of a GPU what tensors took and what was set aside."""
    found = {"process": resident_peak()}
    if device.startswith("cuda"):
        found["device"] = torch.cuda.max_memory_allocated(device) / MIB
        found["reserved"] = torch.cuda.max_memory_reserved(device) / MIB
    return {name: round(value, 1) for name, value in found.items()}


def kernels(work: Callable[[], object], device: str) -> int | None:
    """How many kernels some work runs on a GPU, as its profiler sees them; None elsewhere."""
    if not device.startswith("cuda"):
        return None
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as trace:
        work()
        torch.cuda.synchronize(device)
    events = trace.events() or ()
    on_device = [e for e in events if e.device_type.name == "CUDA"]
    return sum(not e.name.startswith(("Memcpy", "Memset")) for e in on_device)


def _event() -> Any:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]


def describe(device: str) -> Mapping[str, Any]:
    """What computes, and how float32 products are taken."""
    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else "cpu"
    return {
        "device": device,
        "device_name": name,
        "threads": torch.get_num_threads(),
        "float32_matmul": torch.get_float32_matmul_precision(),
    }
