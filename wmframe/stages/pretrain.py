"""The pretrain stage: a video model learns from clips, without actions and rewards.

It is evaluated periodically on held-out clips, the first time before any update.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from wmframe.data.shards import ClipLoader, ShardSet
from wmframe.errors import UsageError
from wmframe.interfaces.context import StageContext
from wmframe.interfaces.dataset import VideoDataset
from wmframe.interfaces.models import Learner
from wmframe.interfaces.stage import LearnerSetup, Stage
from wmframe.parallel.world import is_main, per_rank, rank, size
from wmframe.stages.config import PretrainConfig
from wmframe.stages.evaluation.heldout import progress, validate
from wmframe.stages.evaluation.pictures import open_loop, record
from wmframe.stages.loop.episodes import to_device
from wmframe.stages.loop.estimate import FLAG, learner_memory, parameter_counts
from wmframe.stages.loop.learning import LearningRun
from wmframe.stages.loop.schedule import Pace
from wmframe.stages.loop.specs import Specs
from wmframe.training.rng import isolated, seed_everything
from wmframe.types import Estimate, TensorSpec

HELD_OUT_STREAM: Final = 1
"""Separates the seed of evaluation clips from that of training clips."""


class PretrainStage(Stage):
    """Settings as in :class:`~wmframe.stages.config.PretrainConfig`."""

    parallel = True

    def __init__(self, config: PretrainConfig) -> None:
        self.config = config

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Learn for ``updates``; see :class:`~wmframe.interfaces.Stage`."""
        per_rank(self.config.batch, f"stages.{context.name}.batch")
        seed_everything(context.seed)
        run = PretrainRun(self, context)
        try:
            return run.run(self.config.init, strict=self.config.init_strict)
        finally:
            run.close()

    def estimate(self) -> Estimate:
        """See :class:`~wmframe.interfaces.Stage`; does not need the videos."""
        learner: Learner = self.specs.build(self.config.agent)
        row = {**self.specs.obs, "is_first": FLAG}
        return Estimate(
            parameters=parameter_counts(learner),
            memory=learner_memory(learner, row, self.config.batch, self.config.length),
        )

    def learner_setup(self) -> LearnerSetup:
        """See :class:`~wmframe.interfaces.Stage`."""
        return LearnerSetup(
            self.config.agent, self.config.batch, self.config.length, lambda: self.specs
        )

    def clips(self, folder: Path, count: int, length: int, seed: int) -> dict[str, np.ndarray]:
        """Clips to evaluate on; see :class:`~wmframe.interfaces.Stage`."""
        with self.loader(self.config.evaluation.split, seed, batch=count, length=length) as loader:
            return next(loader)

    @property
    def specs(self) -> Specs:
        """The spec of a frame; there are no actions."""
        return Specs({"image": TensorSpec((self.config.size, self.config.size, 3), "uint8")})

    def loader(
        self,
        split: str,
        seed: int,
        *,
        start: int = 0,
        workers: int = 0,
        batch: int | None = None,
        length: int | None = None,
    ) -> ClipLoader:
        """Batches of a split's clips, sampled from its datasets by weight: this process's part.

        Raises:
            UsageError: the recipe names no videos, or they do not fit it.
            MissingError: a dataset has no shards of this split.
        """
        if not self.config.videos:
            raise UsageError(
                "there are no videos to learn from", 'name some: videos = [{ use = "..." }]'
            )
        datasets: list[VideoDataset] = [part.build() for part in self.config.videos]
        sets = [ShardSet(one.shards(split), one.damaged) for one in datasets]
        for one in sets:
            if one.size != self.config.size:
                raise UsageError(
                    f"the frames in {one.folder} are {one.size} pixels wide, "
                    f"size is {self.config.size}",
                    "set the stage's size to that of the shards, or pack them again",
                )
        return ClipLoader(
            sets,
            batch=batch or self.config.batch,
            length=length or self.config.length,
            seed=seed,
            start=start,
            workers=workers,
            rank=rank(),
            world=size(),
            weights=[dataset.weight for dataset in datasets],
        )


class PretrainRun(LearningRun):
    """One execution of a pretrain stage: its loader, its held-out clips, its learner."""

    def __init__(self, stage: PretrainStage, context: StageContext) -> None:
        settings = stage.config
        learner: Learner = stage.specs.build(settings.agent)
        pace = Pace(
            "updates",
            settings.updates,
            log=settings.log_every,
            evaluate=settings.evaluation.every,
            save=settings.checkpoint.every,
        )
        super().__init__(context, learner, pace, keep=settings.checkpoint.keep)
        self.stage, self.settings = stage, settings
        self.first: dict[str, float] = {}
        if is_main():
            stage.specs.save(context.folder)

    def open(self) -> None:
        """Evaluate the learner before the first update."""
        self.evaluate_on_main()

    def turn(self) -> None:
        """One update."""
        self.update()

    def sample(self) -> Mapping[str, np.ndarray]:
        """The next clips."""
        return next(self.loader)

    @cached_property
    def loader(self) -> ClipLoader:
        """The sequence of batches that the seed determines, from the run's position on."""
        workers, seed = self.settings.workers, self.context.seed
        return self.stage.loader("train", seed, start=self.counters.updates, workers=workers)

    @cached_property
    def held_out(self) -> list[dict[str, np.ndarray]]:
        """The clips to evaluate on: the same at every evaluation, kept on the host."""
        chosen = self.settings.evaluation
        seed = np.random.SeedSequence([self.context.seed, HELD_OUT_STREAM]).generate_state(1)[0]
        with self.stage.loader(chosen.split, int(seed)) as loader:
            return list(islice(loader, chosen.batches))

    def evaluate(self) -> None:
        """Evaluate the learner on the held-out clips."""
        chosen = self.settings.evaluation
        with isolated(self.context.seed):
            batches = (to_device(clips, self.context.device) for clips in self.held_out)
            figures = validate(
                self.learner, batches, observed=chosen.observed, motion=chosen.motion
            )
            if chosen.videos:
                clips = to_device(self.held_out[0], self.context.device)
                prediction = open_loop(self.learner, clips, chosen.observed)
                record(self.context, self.counters, "open_loop", prediction)
        self.first = self.first or figures
        self.report({**figures, **progress(self.first, figures)})

    def own_state(self) -> dict[str, Any]:
        """The first evaluation; the loader's place is the number of updates."""
        return {"first": self.first}

    def restore_own(self, state: Mapping[str, Any]) -> None:
        """Record the first evaluation."""
        self.first = dict(state["first"])

    def close(self) -> None:
        """Stop the loader's workers."""
        if "loader" in vars(self):
            self.loader.close()
