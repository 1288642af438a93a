"""Tensors and trees in files: safetensors for what is large, JSON for the rest, never pickle."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from wmframe.errors import CheckpointError, WmframeError
from wmframe.json_files import read_json
from wmframe.nn.trees import Tree
from wmframe.training.tree import join, split

DAMAGED = "use an older checkpoint, or restore this one from a copy"


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors by name, from wherever they are; those that share memory are written each.

    Raises:
        OSError: the disk is full or failing.
    """
    seen: set[int] = set()
    alone = {name: _alone(tensor, seen) for name, tensor in tensors.items()}
    try:
        safetensors.torch.save_file(alone, path)
    except safetensors.SafetensorError as error:  # how it reports a failed write
        raise OSError(str(error)) from error


def _alone(tensor: Tensor, seen: set[int]) -> Tensor:
    """The tensor on the CPU, contiguous, in memory that no other one saved uses."""
    flat = tensor.detach().cpu().contiguous()
    if flat.untyped_storage().data_ptr() in seen:
        flat = flat.clone()
    seen.add(flat.untyped_storage().data_ptr())
    return flat


def load_tensors(path: Path) -> dict[str, Tensor]:
    """Read tensors by name, onto the CPU.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    if not path.is_file():  # nothing is read from a pipe or a device
        raise CheckpointError(f"{path} is damaged: there is no such file", DAMAGED)
    with misfits(path, "is damaged"):
        return safetensors.torch.load_file(path)


@contextmanager
def misfits(path: Path, what: str = "is damaged, or of something else") -> Iterator[None]:
    """Turn whatever the content of a file brings about into one error that names the file.

    Raises:
        CheckpointError: see there.
    """
    try:
        yield
    except WmframeError:
        raise
    except (Exception, SystemError) as error:
        name = "" if isinstance(error, OSError) else f"{type(error).__name__} "
        raise CheckpointError(f"{path} {what}: {name}{str(error)[:200]}", DAMAGED) from error


def save_tree(folder: Path, name: str, tree: Tree) -> None:
    """Write a tree as ``NAME.json`` and ``NAME.safetensors``.

    Raises:
        TypeError: a leaf cannot be saved.
    """
    structure, tensors = split(tree)
    (folder / f"{name}.json").write_text(json.dumps(structure))
    save_tensors(folder / f"{name}.safetensors", tensors)


def load_tree(folder: Path, name: str) -> Tree:
    """Read what :func:`save_tree` wrote.

    Raises:
        CheckpointError: a file is missing or damaged.
    """
    tensors = load_tensors(folder / f"{name}.safetensors")
    path = folder / f"{name}.json"
    structure = read_json(path, Any, error=CheckpointError, hint=DAMAGED, finite=False)
    with misfits(path, "is damaged"):
        return join(structure, tensors)
