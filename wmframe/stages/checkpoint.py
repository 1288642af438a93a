"""A stage that does no work: it copies a checkpoint of another run or an imported one.

``--set 'stages.pretrain={use="checkpoint", path="runs/other/pretrain"}'`` replaces a stage, and
later stages use the checkpoint as if that stage had run.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from wmframe.files import disk_errors, sync
from wmframe.interfaces.context import StageContext
from wmframe.interfaces.stage import Stage
from wmframe.stages.config import CheckpointStageConfig
from wmframe.training.checkpoint import META, UNFINISHED, CheckpointStore, newest_checkpoint


class CheckpointStage(Stage):
    """Copies the newest checkpoint of a run, a stage or a folder into this run."""

    def __init__(self, config: CheckpointStageConfig) -> None:
        self.config = config

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Copy it, unless it was already copied; see :class:`~wmframe.interfaces.Stage`."""
        source = newest_checkpoint(context.source(self.config.path))
        folder = context.folder / "checkpoints"
        target = folder / source.name
        if not (target / META).exists():
            self._copy(source, target)
        return {}

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        beside = target.with_name(f"{UNFINISHED}{target.name}")
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            CheckpointStore(target.parent).clear_unfinished()
            try:
                shutil.copytree(source, beside)
                beside.rename(target)
                sync(target.parent)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
