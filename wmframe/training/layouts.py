"""Weights in the files of other programs: read into checkpoints, and written from them.

Nothing in a file is executed: torch reads tensors and plain containers alone.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import attrs
import torch
from torch import Tensor

from wmframe.errors import CheckpointError, MissingError, UsageError
from wmframe.files import disk_errors
from wmframe.interfaces.layout import Layout
from wmframe.training.storage import DAMAGED

SUFFIX = ".pt"


@attrs.frozen
class Imported:
    """What was read.

    Attributes:
        weights: by our names, with what was derived.
        counts: tensors that were recognized, by file.
        derived: our names of what no file holds.
        odd: ``file: name`` of what the layout does not know, or knows with another value.
    """

    weights: dict[str, Tensor]
    counts: dict[str, int]
    derived: tuple[str, ...]
    odd: tuple[str, ...]


@attrs.frozen
class Exported:
    """What was written.

    Attributes:
        counts: tensors by file.
        derived: our names of what is worked out again from the files.
        lost: our names of what the layout has no place for.
    """

    counts: dict[str, int]
    derived: tuple[str, ...]
    lost: tuple[str, ...]


def read_layout(path: Path, layout: Layout) -> Imported:
    """Read a file, or every ``.pt`` file of a folder.

    Args:
        path: file or folder.
        layout: whose names the files use.

    Raises:
        MissingError: there is no such file.
        CheckpointError: a file holds more than tensors, or nothing that the layout knows.
    """
    weights: dict[str, Tensor] = {}
    counts: dict[str, int] = {}
    odd: list[str] = []
    for file in _files(path):
        tensors = read_tensors(file)
        names = layout.names(file.name, tensors)
        counts[file.name] = len(names)
        for theirs, tensor in tensors.items():
            ours = names.get(theirs)
            if ours is None or not torch.equal(weights.setdefault(ours, tensor), tensor):
                odd.append(f"{file.name}: {theirs}")
    if not weights:
        hint = "is it of another layout? See wmframe list-plugins --components"
        raise CheckpointError(f"{path} holds nothing that this layout knows", hint)
    derived = layout.derive(weights)
    return Imported({**weights, **derived}, counts, tuple(derived), tuple(odd))


def write_layout(
    weights: Mapping[str, Tensor], layout: Layout, folder: Path, *, partial: bool = False
) -> Exported:
    """Write files as the other program has them.

    Args:
        weights: by our names.
        layout: whose names the files get.
        folder: made if need be; files of the same names are replaced.
        partial: leave out what the layout has no place for.

    Raises:
        UsageError: the layout has no name for any of the weights, or not for all of them.
        WmframeError: the disk is full, or the folder cannot be written.
    """
    files = layout.files(weights)
    named = {ours for names in files.values() for ours in names.values()}
    if not named:
        raise UsageError("this layout has a name for none of the weights", "choose another one")
    unnamed = [name for name in weights if name not in named]
    known = layout.derive({name: weights[name] for name in named}) if unnamed else {}
    lost = tuple(name for name in unnamed if name not in known)
    if lost and not partial:
        listed = "\n  ".join(lost)
        raise UsageError(
            f"this layout has no place for\n  {listed}",
            "--partial leaves these out; nothing was written",
        )
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for file, names in files.items():
            tensors = {theirs: weights[ours] for theirs, ours in names.items()}
            torch.save(tensors, folder / file)
    counts = {file: len(names) for file, names in files.items()}
    return Exported(counts, tuple(name for name in unnamed if name in known), lost)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file that ``torch.save`` wrote, by name, on the CPU.

    Raises:
        CheckpointError: it is damaged, or holds anything but tensors by name.
    """
    message = f"{path} is damaged, or holds something else than tensors by name"
    hint = "give the state_dict of a model, as torch.save writes it; for safety no more is read"
    try:
        check_archive(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except Exception as error:  # of many kinds, and torch's words advise to load it unsafely
        raise CheckpointError(message, hint) from error
    if not isinstance(content, Mapping) or not all(map(_is_entry, content.items())):
        raise CheckpointError(message, hint)
    check_sizes(path, content.values())
    return dict(content)


def check_archive(path: Path) -> None:
    """See that a file is a whole archive as torch writes it: nothing in it unpacks to more.

    Raises:
        CheckpointError: it is of torch before 1.6, packed, or its entries are longer than the file.
    """
    if not zipfile.is_zipfile(path):
        hint = "give the state_dict of a model, saved by torch 1.6 or newer"
        raise CheckpointError(f"{path} is damaged, or no file of torch.save", hint)
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
    if packed or sum(entry.file_size for entry in entries) > path.stat().st_size:
        message = f"{path} is damaged: what is in it is packed, or longer than the file"
        raise CheckpointError(message, "save it again with torch.save")


def check_sizes(path: Path, tensors: Iterable[Tensor]) -> None:
    """See that tensors are dense and no larger than their file: views may claim any size.

    Raises:
        CheckpointError: one is.
    """
    most = path.stat().st_size
    for tensor in tensors:
        if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.nbytes > most:
            shape = f"{tensor.layout} {list(tensor.shape)[:8]}"
            raise CheckpointError(f"{path} has {most:,} bytes and claims a tensor {shape}", DAMAGED)


def _is_entry(item: tuple[object, object]) -> bool:
    return isinstance(item[0], str) and isinstance(item[1], Tensor)


def _files(path: Path) -> Iterator[Path]:
    found = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
    if not found or not found[0].exists():
        raise MissingError(f"{path} is no {SUFFIX} file, nor a folder with some", "give another")
    yield from found
