"""Resume with a different number of processes: redistribute simulators and episodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

import torch

from wmframe.data.replay import live_episodes
from wmframe.envs.vector import Simulators
from wmframe.errors import UsageError
from wmframe.nn.trees import Tree
from wmframe.parallel.world import rank, size
from wmframe.training.tree import join, split
from wmframe.types import Episode


def collector_part(states: Sequence[Mapping[str, Any]], simulators: Simulators) -> dict[str, Any]:
    """Collector state for this process's simulators, for
    :meth:`~wmframe.stages.loop.collector.Collector.restore`.

    Simulators keep their indices, so each continues its episode in whichever process it is.

    Args:
        states: of the collector of each former process.
        simulators: those of this process.

    Raises:
        UsageError: the total number of simulators differs.
    """
    saved = [entry for state in states for entry in state["simulators"]["simulators"]]
    if len(saved) != simulators.count * size():
        hint = f"set simulators = {len(saved)}, as it was when the checkpoint was saved"
        message = f"{simulators.count * size()} simulators cannot resume from {len(saved)}"
        raise UsageError(message, hint)
    mine = slice(simulators.first, simulators.first + simulators.count)
    restarts = sum(state["simulators"]["restarts"] for state in states)
    return {
        "turn": states[0]["turn"],
        "simulators": {"restarts": 0 if rank() else restarts, "simulators": saved[mine]},
        "agent": rows_of([state["agent"] for state in states], mine),
    }


def rows_of(trees: Sequence[Tree], mine: slice) -> Tree:
    """Concatenate rows of trees of the same structure, with tensors [N, ...]."""
    parts = [split(tree) for tree in trees]
    (structure, names), *_ = parts
    rows = {name: torch.cat([tensors[name] for _, tensors in parts])[mine] for name in names}
    return join(structure, rows)


def episodes_part(
    folders: Sequence[Path], states: Sequence[Mapping[str, Any]]
) -> Iterator[Episode]:
    """This process's part of all live episodes, oldest first, evenly from each folder.

    Args:
        folders: the replay's folder of each former process.
        states: of the replay in each of them.
    """
    pairs = zip(folders, states, strict=True)
    queues = [live_episodes(folder, state) for folder, state in pairs if len(state["starts"])]
    in_turn = [read for read in chain.from_iterable(zip_longest(*queues)) if read is not None]
    for read in islice(in_turn, rank(), None, size()):
        yield read()
