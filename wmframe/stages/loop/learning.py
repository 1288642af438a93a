"""Shared loop of the stages that train a learner: count, report, evaluate, save, resume.

All schedules depend only on the counters, and a checkpoint holds all state, so a resumed run equals
an uninterrupted one.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from torch import Tensor

from wmframe.interfaces.context import StageContext
from wmframe.interfaces.models import Learner
from wmframe.nn.trees import Tree, tree_map
from wmframe.parallel.collectives import barrier, broadcast_object, broadcast_tensors, gather
from wmframe.parallel.gradients import average_before_steps
from wmframe.parallel.world import is_main, rank, single_process, size
from wmframe.stages.loop.episodes import to_device
from wmframe.stages.loop.keeping import last_good_named, require_finite
from wmframe.stages.loop.meters import Meters, averaged
from wmframe.stages.loop.prefetch import Prefetcher
from wmframe.stages.loop.schedule import Every, Pace
from wmframe.training import rng
from wmframe.training.capture import Work, captured
from wmframe.training.checkpoint import (
    CheckpointStore,
    load_extra,
    load_learner,
    newest_checkpoint,
    read_weights,
    restore_rng,
)
from wmframe.training.finite import learner_tensors, nonfinite
from wmframe.training.precision import update_in
from wmframe.training.storage import misfits
from wmframe.types import Counters


class LearningRun(ABC):
    """One execution of a stage that trains a learner: its counters and its loop.

    Subclasses define a turn, the training data, the evaluation of the learner, and additional
    state.

    Args:
        context: output folder, device and trackers.
        learner: it is moved to the device.
        pace: the budget and the schedules.
        keep: checkpoints kept, newest first; 0 keeps all.
    """

    def __init__(self, context: StageContext, learner: Learner, pace: Pace, *, keep: int) -> None:
        self.context = context
        self.learner = learner.to(context.device)
        update = update_in(learner, context.device, context.precision)
        self.learn = self.captured(update, "the update")
        self.prefetcher = Prefetcher(self.sample, threaded=context.device.startswith("cuda"))
        average_before_steps(learner.optimizers().values())
        self.pace = pace
        self.counters = Counters()
        self.figures: dict[str, float] = {}
        self.batch: dict[str, Tensor] = {}
        self.meters = Meters(context.hub)
        self.store = CheckpointStore(context.folder / "checkpoints", keep=keep or None)
        self.infinite = nonfinite(learner_tensors(self.learner))

    @abstractmethod
    def turn(self) -> None:
        """One turn of the loop; it advances the budget's counter."""

    @abstractmethod
    def sample(self) -> Mapping[str, np.ndarray]:
        """The batch of the next update."""

    @abstractmethod
    def evaluate(self) -> None:
        """Evaluate the learner, without any effect on training."""

    @abstractmethod
    def own_state(self) -> dict[str, Any]:
        """Checkpoint state of the subclass, in addition to that of every stage."""

    @abstractmethod
    def restore_own(self, state: Mapping[str, Any]) -> None:
        """Resume from :meth:`own_state`."""

    def reshard(self, states: Sequence[Mapping[str, Any]]) -> None:
        """Resume from the :meth:`own_state` of each process of a different number of processes."""
        self.restore_own(states[0])

    def open(self) -> None:
        """Called once before the first turn of a new run."""

    def conclude(self) -> None:
        """Called when the budget is spent, before the last evaluation; raises if nothing was
        learned.
        """

    def own_figures(self) -> dict[str, float]:
        """Metrics of each record in addition to the learner's."""
        return {}

    @property
    def position(self) -> int:
        """The counter of the budget."""
        position: int = getattr(self.counters, self.pace.counter)
        return position

    def run(self, init: str | None = None, *, strict: bool = True) -> dict[str, float]:
        """Run turns until the budget is spent; return the last metrics.

        Args:
            init: initial weights: ``stages.NAME`` or a path; None for random ones.
            strict: whether all parts have to fit.
        """
        if is_main():
            self.store.clear_unfinished()
        latest = broadcast_object(self.store.latest() if is_main() else None)
        self.begin_stream()
        if latest is not None:
            self.restore(latest)
        elif init is not None:
            self.initialize(init, strict)
        broadcast_tensors(self.learner.state_dict().values())
        self.context.hub.start(self.counters, Counters(**{self.pace.counter: self.pace.budget}))
        if latest is None:
            self.open()
        with last_good_named(self.store):
            self.loop()
        return self.figures

    def loop(self) -> None:
        """Run turns and whatever is due until the budget is spent."""
        if self.position >= self.pace.budget:
            self.conclude()
        log, evaluate, save = (
            Every.after(period, self.position)
            for period in (self.pace.log, self.pace.evaluate, self.pace.save)
        )
        while self.position < self.pace.budget:
            self.turn()
            finished = self.position >= self.pace.budget
            if finished:
                self.conclude()
            if log.due(self.position) or finished:
                self.context.check()
                self.figures |= self.meters.flush(self.counters, self.own_figures())
            if evaluate.due(self.position) or finished:
                self.evaluate_on_main()
            if save.due(self.position) or finished:
                self.write_checkpoint()

    def evaluate_on_main(self) -> None:
        """Evaluate on process 0; the others wait."""
        if is_main():
            with single_process():
                self.evaluate()
        barrier()

    def begin_stream(self, *place: int) -> None:
        """Give every process except the first its own random stream from here on."""
        if not is_main():
            rng.seed_everything(rng.process_seed(self.context.seed, *place))

    def initialize(self, reference: str, strict: bool) -> None:
        """Initialise with the weights of another learner; report what does not fit."""
        source = newest_checkpoint(self.context.source(reference))
        report = self.learner.initialize(read_weights(source), strict=strict)
        if not report.complete and is_main():
            warnings.warn(f"{source} fits in part: {report}", stacklevel=2)

    def update(self) -> None:
        """One gradient step on new data; no value is read back from the device."""
        with self.meters.watch("data"):
            self.batch = to_device(self.prefetcher.take(), self.context.device)
        with self.meters.watch("learner"):
            self.meters.add(self.learn(self.batch))
        self.count(updates=1)
        self.context.hub.tick(self.counters)

    def captured(self, work: Work, name: str) -> Work:
        """A method of the learner, captured as a CUDA graph if recipe and device allow it."""
        context = self.context
        return captured(work, self.learner, context.device, enabled=context.cuda_graphs, name=name)

    def count(self, **more: int) -> None:
        """Advance the counters."""
        now = {name: getattr(self.counters, name) + step for name, step in more.items()}
        self.counters = attrs.evolve(self.counters, **now)

    def report(self, figures: Mapping[str, float]) -> None:
        """Record metrics, and keep them for the summary."""
        self.figures |= figures
        self.context.hub.scalars(self.counters, figures)

    def write_checkpoint(self) -> None:
        """Save everything that :meth:`restore` needs, atomically.

        Process 0 saves for all: the states of the others are a list next to its own.

        Raises:
            DivergedError: the learner's state is not finite; earlier checkpoints are kept.
        """
        mine = {"meters": self.meters.state(), **self.own_state()}
        _, *others = gather(to_host({"rng": rng.capture(), **mine})) if size() > 1 else [None]
        if not is_main():
            return
        self.context.check()
        require_finite(self.learner, self.meters, self.infinite)
        extra = {"counters": attrs.asdict(self.counters), "figures": self.figures, **mine}
        if others:
            extra["others"] = others
        folder = self.store.save(self.position, self.learner, extra)
        self.context.emit("checkpoint_saved", stage=self.context.name, folder=folder)

    def restore(self, folder: Path) -> None:
        """Resume from a checkpoint of this stage, saved by any number of processes."""
        load_learner(folder, self.learner)
        with misfits(folder / "state.json"):
            self.restore_extra(load_extra(folder))
        if is_main():
            restore_rng(folder)

    def restore_extra(self, extra: Mapping[str, Any]) -> None:
        """Restore everything in the checkpoint except the learner."""
        self.counters = Counters(**extra["counters"])
        self.figures = dict(extra["figures"])
        states = [extra, *extra.get("others", ())]
        if len(states) == size():
            self.meters.restore(states[rank()]["meters"], self.context.device)
            self.restore_own(states[rank()])
        else:
            self.meters.restore(averaged([s["meters"] for s in states]), self.context.device)
            self.reshard(states)
            self.begin_stream(self.position)
        if not is_main() and len(states) == size():
            rng.restore(states[rank()]["rng"])


def to_host(tree: Tree) -> Tree:
    """The tree with its tensors on the CPU, to be sent to another process."""
    return tree_map(lambda leaf: leaf.cpu() if isinstance(leaf, Tensor) else leaf, tree)
