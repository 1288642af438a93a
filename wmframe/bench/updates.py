"""The process of one case of ``wmframe bench learner``."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from wmframe.bench.batches import Subject
from wmframe.bench.cases import SECONDS, WARM_UP, LearnerCase
from wmframe.bench.counting import count
from wmframe.bench.device import describe, forget_peaks, kernels, memory, peak_speed, seconds
from wmframe.bench.figures import rounded
from wmframe.bench.memory import resident_peak
from wmframe.bench.scan import scan
from wmframe.nn.precision import resolve_precision
from wmframe.stages.run import choose_device
from wmframe.training.capture import captured
from wmframe.training.precision import update_in, work_in
from wmframe.training.rng import seed_everything
from wmframe.types import Batch


class CountedUpdate:
    """A learner with a batch, and what an update of it does.

    The first update makes the optimizers' state, the third is counted; all run as written, not
    compiled.

    Args:
        case: whose learner.

    Attributes:
        learner: after three updates.
        size: windows B and steps T of the batch.
        resident: how large the process has been in the first two, in MiB; counting takes more.
        counts: of the third update.
    """

    def __init__(self, case: LearnerCase) -> None:
        recipe = case.recipe()
        self.device = choose_device(recipe)
        seed_everything(recipe.seed)
        subject = Subject(recipe, case.stage)
        self.size = subject.size
        self.learner = subject.build(self.device)
        batch = subject.batch(self.device)
        precision = resolve_precision(recipe.precision, self.device)
        self.run: Callable[[], object] = (
            work_in(scan(self.learner, batch), self.device, precision)
            if case.dynamics
            else self._update(batch, precision, recipe.cuda_graphs)
        )
        with torch.compiler.set_stance("force_eager"):
            self.run()
            self.run()
        self.resident = rounded(resident_peak())
        there = [*self.learner.parameters(), *self.learner.buffers(), *batch.values()]
        self.counts = count(self.run, there)

    def _update(self, batch: Batch, precision: str, graphs: bool) -> Callable[[], object]:
        work = update_in(self.learner, self.device, precision)
        update = captured(work, self.learner, self.device, enabled=graphs, name="the update")
        return partial(update, batch)


class UpdateProbe:
    """Counts what an update does, warms up, then measures round by round.

    What is compiled is compiled in the warm-up.

    Args:
        case: what to measure.
    """

    def __init__(self, case: LearnerCase) -> None:
        begun = time.perf_counter()
        self.update = CountedUpdate(case)
        self.device, self.overrides = self.update.device, case.overrides
        self.build_s = time.perf_counter() - begun
        self.warm_up = [seconds(self.update.run, self.device) for _ in range(WARM_UP)]
        self.peak = 0.0
        forget_peaks(self.device)

    def measure(self) -> list[float]:
        """Seconds of each update of a round; before it, the device shows how fast it is now."""
        dtype: torch.dtype = getattr(torch, self.update.counts.precision, torch.float32)
        self.peak = max(self.peak, peak_speed(self.device, dtype))
        spent: list[float] = []
        while sum(spent) < SECONDS:
            spent.append(seconds(self.update.run, self.device))
        return spent

    def facts(self) -> dict[str, Any]:
        """What does not change from update to update; ``flops`` and ``warm_up`` are raw."""
        counts = self.update.counts
        used = {**memory(self.device), "process": self.update.resident}
        return {
            "batch": list(self.update.size),
            "precision": counts.precision,
            "parameters": sum(p.numel() for p in self.update.learner.parameters()),
            "peak_gflop/s": rounded(self.peak / 1e9),
            "ops": counts.ops,
            "kernels": kernels(self.update.run, self.device),
            "host_reads": counts.host_reads,
            "saved_mib": rounded(counts.saved_bytes / 2**20),
            "memory_mib": used,
            "build_s": rounded(self.build_s),
            "overrides": list(self.overrides),
            "flops": counts.flops,
            "warm_up": self.warm_up,
            "machine": dict(describe(self.device)),
        }
