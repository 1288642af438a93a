"""Checkpoints: everything that a run needs to resume as if it had never stopped.

A checkpoint is a folder ``step_0000012345`` with the learner's weights, its optimizers, the random
state, the stage's own state and, in ``meta.json``, a digest of each file. It is written under
another name, flushed to the disk and renamed, so there is no moment at which half of one can be
seen. Nothing in it is executed when it is read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import attrs
from torch import Tensor

import wmframe
from wmframe.errors import CheckpointError, MissingError, UsageError
from wmframe.files import disk_errors, sync
from wmframe.interfaces.models import Learner
from wmframe.json_files import read_json
from wmframe.nn.trees import Tree
from wmframe.nn.weights import LoadReport, load_weights
from wmframe.training import rng
from wmframe.training.optimizer_state import load_optimizers, optimizer_tree
from wmframe.training.storage import (
    DAMAGED,
    load_tensors,
    load_tree,
    misfits,
    save_tensors,
    save_tree,
)
from wmframe.training.tree import rebuild

FORMAT = 1
META = "meta.json"
MODEL = "model.safetensors"
UNFINISHED = ".unfinished_"


@attrs.frozen
class Meta:
    """Keys of ``meta.json`` other than informational ones."""

    OPEN: ClassVar = True

    format: int
    sha256: dict[str, str]


class CheckpointStore:
    """The checkpoints of one stage. One process may save to a folder at a time.

    Args:
        folder: made at the first save.
        keep: how many stay, newest first; None keeps all.
    """

    def __init__(self, folder: Path, keep: int | None = None) -> None:
        self.folder = Path(folder)
        self.keep = keep

    def save(self, step: int, learner: Learner, extra: Tree) -> Path:
        """Save, then drop the checkpoints beyond ``keep``.

        Args:
            step: names the checkpoint; later ones have larger steps.
            learner: its weights, buffers and optimizers.
            extra: a tree with whatever else the stage needs.

        Returns:
            the folder, complete and on the disk.

        Raises:
            WmframeError: the disk is full or failing; what was there before still is.
            TypeError: ``extra`` holds what cannot be saved.
        """
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self.clear_unfinished()
        final = self._free_name(step)
        beside = self.folder / f"{UNFINISHED}{final.name}"
        with disk_errors(final):
            try:
                beside.mkdir()
                _write(beside, step, learner, extra)
                beside.rename(final)
                sync(self.folder)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
        self._prune(final)
        return final

    def latest(self) -> Path | None:
        """The newest intact checkpoint; damaged ones are skipped with a warning."""
        for path in reversed(list(self._all())):
            try:
                verify(path)
            except CheckpointError as error:
                warnings.warn(f"{error.message}; an older checkpoint is used", stacklevel=2)
            else:
                return path
        return None

    def _all(self) -> Iterator[Path]:
        """Checkpoints, oldest first, whole or not."""
        yield from sorted(self.folder.glob("step_*"), key=lambda path: path.name)

    def _free_name(self, step: int) -> Path:
        """``step_N``, or with a suffix if it is taken: one rename never replaces a folder."""
        name = f"step_{step:010d}"
        taken = max((path.suffix for path in self.folder.glob(f"{name}*")), default=None)
        return self.folder / (name if taken is None else f"{name}.{int(taken[1:] or 0) + 1:03d}")

    def _prune(self, newest: Path) -> None:
        if self.keep is None:
            return
        older = [path for path in self._all() if path.name < newest.name]
        for path in older[: max(len(older) + 1 - self.keep, 0)]:
            remove_whole(path)

    def clear_unfinished(self) -> None:
        """Remove what a kill left half-written or half-deleted; the folder's owner may do that."""
        for path in self.folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(path, ignore_errors=True)


def remove_whole(path: Path) -> None:
    """Delete a checkpoint, out of sight by one rename before the first file of it is gone."""
    beside = path.with_name(f"{UNFINISHED}{path.name}.old")
    with suppress(OSError):  # it is tried again at the next save
        path.rename(beside)
        shutil.rmtree(beside, ignore_errors=True)


def _write(folder: Path, step: int, learner: Learner, extra: Tree) -> None:
    save_tensors(folder / MODEL, learner.state_dict())
    save_tree(folder, "optimizer", optimizer_tree(learner, learner.optimizers()))
    save_tree(folder, "rng", rng.capture())
    save_tree(folder, "state", extra)
    _seal(folder, step)


def _seal(folder: Path, step: int) -> None:
    """Say in ``meta.json`` what is in the folder, and wait until all is on the disk."""
    files = {path.name: _digest(path) for path in sorted(folder.iterdir())}
    meta = {"format": FORMAT, "wmframe": wmframe.__version__, "step": step, "sha256": files}
    (folder / META).write_text(json.dumps(meta, indent=2))
    for path in (*folder.iterdir(), folder):
        sync(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(folder: Path, name: str, digest: str) -> bool:
    """Whether a file is there and as it was written; other places than the folder do not count."""
    file = folder / name
    return Path(name).name == name and file.is_file() and _digest(file) == digest


def verify(path: Path) -> None:
    """Check every file of a checkpoint against its digest.

    Raises:
        CheckpointError: a file is missing or changed, or the format is a later one.
    """
    if not (path / META).is_file():
        raise CheckpointError(f"{path} is damaged: it has no {META}", DAMAGED)
    try:
        meta = read_json(path / META, Meta, error=CheckpointError)
    except CheckpointError as error:
        raise CheckpointError(f"{path} is damaged: {error.message}", DAMAGED) from error
    if meta.format != FORMAT:
        message = f"{path} has format {meta.format}, this version reads {FORMAT}"
        raise CheckpointError(message, "install the version of wmframe that wrote it")
    with misfits(path, "is damaged"):
        bad = [name for name, digest in meta.sha256.items() if not _is_whole(path, name, digest)]
    if bad:
        raise CheckpointError(f"{path} is damaged: {', '.join(bad)}", DAMAGED)


def newest_checkpoint(folder: Path) -> Path:
    """The newest whole checkpoint of a stage's folder, or of a folder of checkpoints, or itself.

    Raises:
        MissingError: there is none.
        CheckpointError: ``folder`` is a checkpoint and damaged.
    """
    if (folder / META).exists():
        verify(folder)
        return folder
    for place in (folder / "checkpoints", folder):
        latest = CheckpointStore(place).latest()
        if latest is not None:
            return latest
    raise MissingError(f"{folder} holds no checkpoint", "give a stage's folder, or a checkpoint's")


def save_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Make a checkpoint of weights alone, for learners to begin with.

    Args:
        path: the checkpoint; must not exist.
        weights: by the names of a learner's ``state_dict``.

    Raises:
        UsageError: ``path`` exists.
        WmframeError: the disk is full or failing.
    """
    if path.exists():
        raise UsageError(f"{path} is there already", "name another folder, or move it away")
    beside = path.with_name(f"{UNFINISHED}{path.name}")
    with disk_errors(path):
        try:
            beside.mkdir(parents=True)
            save_tensors(beside / MODEL, weights)
            _seal(beside, 0)
            beside.rename(path)
            sync(path.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The learner's weights and buffers by name, on the CPU, to load a part of them.

    Raises:
        CheckpointError: the file is damaged.
    """
    return load_tensors(path / MODEL)


def load_learner(
    path: Path, learner: Learner, *, optimizers: bool = True, strict: bool = True
) -> LoadReport:
    """Load a checkpoint into a learner, which stays on its device.

    Args:
        path: the checkpoint.
        learner: built by the same recipe.
        optimizers: whether to restore them; otherwise they are left unchanged.
        strict: whether all must fit; otherwise weights that fit are loaded, and the optimizers only
            if all of them did.

    Returns:
        what was loaded and what did not fit.

    Raises:
        CheckpointError: the checkpoint is damaged or does not fit; every odd name is listed.
    """
    report = load_weights(learner, read_weights(path), strict)
    if optimizers and report.complete:
        tree = load_tree(path, "optimizer")
        with misfits(path / "optimizer.json"):
            load_optimizers(learner, learner.optimizers(), tree)
    return report


def load_extra(path: Path, like: Tree = None) -> Any:
    """The stage's own state.

    Args:
        path: the checkpoint.
        like: a tree of the same structure, whose container types and devices are taken over;
            without it NamedTuples come back as plain tuples, and tensors on the CPU.

    Raises:
        CheckpointError: the checkpoint is damaged.
    """
    tree = load_tree(path, "state")
    with misfits(path / "state.json"):
        return rebuild(tree, like)


def restore_rng(path: Path) -> None:
    """Put the random state of every generator back.

    Raises:
        CheckpointError: the checkpoint is damaged.
    """
    tree = load_tree(path, "rng")
    with misfits(path / "rng.json"):
        rng.restore(tree)
