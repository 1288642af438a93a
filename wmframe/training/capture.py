"""Work that is captured once and replayed: one launch where the host would make thousands.

A replay (a CUDA graph) runs the kernels of the captured call again, on the same memory. It does
what a call would do if all that changes from call to call is in tensors on the device, if shapes
stay, and if no value is read back to the host on the way. Each replay draws new random numbers.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor

from wmframe.errors import WmframeError
from wmframe.interfaces.models import Learner
from wmframe.nn.trees import Tree, tree_map
from wmframe.parallel.world import size
from wmframe.training import rate

WARM_UP: Final = 3
"""Calls before the recording: they choose kernels and make the optimizers' state."""

HINT: Final = (
    "set cuda_graphs = false to go without; a module whose work cannot be captured "
    "says so by capturable = False"
)

Work = Callable[..., Tree]
"""Trees of tensors to a tree of tensors."""


class Recorder(ABC):
    """Runs work aside, and records it."""

    @abstractmethod
    def warm_up(self, work: Callable[[], Tree]) -> Tree:
        """Do the work where recordings are made, and return what it gives."""

    @abstractmethod
    def record(self, work: Callable[[], Tree]) -> tuple[Callable[[], None], Tree]:
        """Record the work without doing it.

        Returns:
            what does it, and the tensors that hold what it gave after each time.
        """


class GraphRecorder(Recorder):
    """CUDA graphs. Work runs on a stream of its own, as recording it demands.

    Args:
        device: a CUDA device.
    """

    def __init__(self, device: str) -> None:
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def warm_up(self, work: Callable[[], Tree]) -> Tree:
        """See :meth:`Recorder.warm_up`; both streams wait for each other, the host for none."""
        current = torch.cuda.current_stream(self._stream.device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            result = work()
        current.wait_stream(self._stream)
        return result

    def record(self, work: Callable[[], Tree]) -> tuple[Callable[[], None], Tree]:
        """See :meth:`Recorder.record`.

        Not in inference mode: what the first recording makes for random numbers serves all later
        ones, and outside of that mode its tensors could not be changed.
        """
        graph, gradients = torch.cuda.CUDAGraph(), torch.is_grad_enabled()
        with (
            torch.inference_mode(False),
            torch.set_grad_enabled(gradients),
            torch.cuda.device(self._stream.device),
            torch.cuda.graph(graph, stream=self._stream),
        ):
            result = work()
        return graph.replay, result


class Captured:
    """Calls work: at first as it is, then by replays of a recording.

    What a replay returns is overwritten by the next one. Calls whose tensors have other shapes than
    those of the first call are never replayed.

    Args:
        work: what to call. It must not keep its arguments or results for a later call.
        recorder: records it.
        name: of the work, for messages.
    """

    def __init__(self, work: Work, recorder: Recorder, name: str) -> None:
        self._work, self._recorder, self._name = work, recorder, name
        self._calls = 0
        self._inputs: tuple[Tree, ...] | None = None
        self._replay: Callable[[], None] | None = None
        self._result: Tree = None

    def __call__(self, *inputs: Tree) -> Tree:
        """Do the work once.

        Raises:
            WmframeError: it cannot be captured.
        """
        if self._inputs is None:
            self._inputs = tree_map(_empty_like, inputs)
        if _shapes(inputs) != _shapes(self._inputs):
            warnings.warn(f"{self._name}: other shapes than before, which is slower", stacklevel=2)
            return self._work(*inputs)
        _copy(self._inputs, inputs)
        self._calls += 1
        if self._calls <= WARM_UP:
            return self._recorder.warm_up(self._on_own_inputs)
        if self._replay is None:
            self._replay, self._result = self._record()
        self._replay()
        return self._result

    def _on_own_inputs(self) -> Tree:
        assert self._inputs is not None  # made by the first call
        return self._work(*self._inputs)

    def _record(self) -> tuple[Callable[[], None], Tree]:
        try:
            return self._recorder.record(self._on_own_inputs)
        except RuntimeError as error:
            message = f"{self._name} cannot be captured as a CUDA graph: {error}"
            raise WmframeError(message, HINT) from error


def captured(work: Work, learner: Learner, device: str, *, enabled: bool, name: str) -> Work:
    """The work, captured as a CUDA graph if enabled and possible.

    Requires a CUDA device, a single process, and a learner whose modules and optimizers are all
    capturable.

    Args:
        work: a method of the learner, such as ``update``.
        learner: whose state the work changes.
        device: where the learner is.
        enabled: whether to capture it.
        name: of the work, for messages.
    """
    if enabled and device.startswith("cuda") and size() == 1 and can_record(learner):
        return Captured(work, GraphRecorder(device), name)
    return work


def can_record(learner: Learner) -> bool:
    """Whether no module and no optimizer of a learner says that it cannot be captured."""
    modules = all(getattr(module, "capturable", True) for module in learner.modules())
    return modules and all(map(rate.can_record, learner.optimizers().values()))


def _empty_like(leaf: Tensor) -> Tensor:
    return torch.empty_like(leaf, memory_format=torch.contiguous_format)


def _shapes(tree: Tree) -> Any:
    return tree_map(lambda leaf: (tuple(leaf.shape), leaf.dtype, leaf.device), tree)


def _copy(targets: Tree, sources: Tree) -> None:
    into, out_of = leaves(targets), leaves(sources)
    for target, source in zip(into, out_of, strict=True):
        if target is not source:
            target.copy_(source)


def leaves(tree: Tree) -> list[Tensor]:
    """The tensors of a tree, in order."""
    found: list[Tensor] = []
    tree_map(found.append, tree)
    return found
