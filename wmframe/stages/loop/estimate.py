"""Resource estimate of a stage before it runs: parameters, disk and memory.

A stage's ``estimate()`` combines these functions. One environment is built, in this process, for
the observation and action specs; nothing is simulated or trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from torch import nn

from wmframe.data.replay import rows_on_disk
from wmframe.envs.actions import ActionCodec
from wmframe.envs.rows import row_specs
from wmframe.envs.vector import Simulators
from wmframe.interfaces.models import Learner
from wmframe.interfaces.suite import EnvSuite
from wmframe.stages.loop.specs import Specs
from wmframe.types import ObsSpec, TensorSpec

DEPTH: Final = 2
"""Depth of a learner's modules in the table."""

GRADIENT_AND_MOMENTS: Final = 3
"""Copies of a weight needed to train it with Adam, in addition to the weight."""

FLAG: Final = TensorSpec((), "float32")
"""Bytes of a bool of the replay on the device."""


def suite_specs(suite: EnvSuite) -> Specs:
    """Observation and action specs of a suite's simulators.

    Raises:
        SimulatorError: the environment cannot be built.
    """
    with Simulators(suite, 1, seed=0, processes=False) as simulators:
        return Specs(simulators.obs, simulators.codec.space)


def replay_row(specs: Specs) -> ObsSpec:
    """Specs of a row of these simulators' replay."""
    assert specs.action is not None  # simulators accept actions
    return row_specs(specs.obs, ActionCodec(specs.action).spec.size)


def replay_disk(row: ObsSpec, capacity: int, decisions: int) -> dict[str, int]:
    """Bytes of the replay's folder after a number of decisions."""
    rows = min(decisions, rows_on_disk(capacity))
    return {"replay, at the end": rows * _bytes(row)}


def learner_memory(learner: Learner, row: ObsSpec, batch: int, length: int) -> dict[str, int]:
    """Bytes on the device during training: persistent state, and one batch.

    Args:
        learner: built, on any device.
        row: what a step of a window holds.
        batch: windows B.
        length: steps of a window T.
    """
    optimizers = learner.optimizers().values()
    learnt = [p for o in optimizers for group in o.param_groups for p in group["params"]]
    kept = [*learner.parameters(), *learner.buffers()]
    on_device = {key: FLAG if spec.dtype == "bool" else spec for key, spec in row.items()}
    return {
        "weights and buffers": sum(tensor.nbytes for tensor in kept),
        "gradients and moments": GRADIENT_AND_MOMENTS * sum(tensor.nbytes for tensor in learnt),
        "a batch": batch * length * _bytes(on_device),
    }


def parameter_counts(learner: nn.Module) -> dict[str, int]:
    """Parameters by the dotted name of a part, two levels deep, and of ``all``.

    Shared parameters are counted in both parts, and once in ``all``.
    """
    parts = {name: _parameters(module) for name, module in _parts(learner, DEPTH)}
    held = {name: count for name, count in parts.items() if count}
    return {**held, "all": _parameters(learner)}


def _parts(module: nn.Module, depth: int, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    for name, child in module.named_children():
        below = list(_parts(child, depth - 1, f"{prefix}{name}.")) if depth > 1 else []
        yield from below or [(prefix + name, child)]


def _parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _bytes(row: ObsSpec) -> int:
    return sum(int(np.prod(s.shape)) * np.dtype(s.dtype).itemsize for s in row.values())
