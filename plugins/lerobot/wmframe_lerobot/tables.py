"""JSON and Parquet files as lists and dicts; every problem is a DamagedError."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]
import pyarrow.parquet as pq  # type: ignore[import-untyped, unused-ignore]

from wmframe import json_files
from wmframe.errors import DamagedError

Columns = dict[str, list[Any]]
Form = TypeVar("Form")

LFS: Final = b"version https://git-lfs"
"""Beginning of a Git LFS placeholder file."""

AGAIN: Final = "download the dataset again"


def check_file(path: Path) -> Path:
    """The path, if the file exists and is no Git LFS placeholder.

    Raises:
        DamagedError: otherwise.
    """
    if not path.is_file():
        raise DamagedError(f"{path} is not there", AGAIN)
    with path.open("rb") as file:
        if file.read(len(LFS)) == LFS:
            raise DamagedError(f"{path} is a placeholder of Git LFS: run git lfs pull")
    return path


def read_json(path: Path, form: type[Form]) -> Form:
    """The content of a JSON file; see :func:`wmframe.json_files.read_json`."""
    return json_files.read_json(check_file(path), form, hint=AGAIN, finite=False)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file with one JSON object per line."""
    try:
        lines = check_file(path).read_bytes().splitlines()
        return [
            json_files.parse_json(line, dict[str, Any], finite=False)
            for line in lines
            if line.strip()
        ]
    except (ValueError, OSError) as error:
        raise DamagedError(f"{path} is damaged: {error}", AGAIN) from error


def read_parquet(
    path: Path, columns: Sequence[str] | None = None, episode: int | None = None
) -> Columns:
    """Columns of a Parquet file, in its order.

    Args:
        path: the file.
        columns: those that are wanted; such as are not there are left out. None: all but the
            statistics of episodes, which are large.
        episode: the episode whose rows are wanted; None: all.
    """
    check_file(path)
    try:
        names = pq.read_schema(str(path)).names
        wanted = [name for name in names if _is_wanted(name, columns)]
        one = episode is not None and "episode_index" in names
        filters = [("episode_index", "=", episode)] if one else None
        table = pq.read_table(str(path), columns=wanted, filters=filters, partitioning=None)
        content: Columns = table.to_pydict()
    except (pa.ArrowException, ValueError, OSError) as error:
        raise DamagedError(f"{path} is damaged: {error}", AGAIN) from error
    return content


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file, without the statistics of episodes."""
    content = read_parquet(path)
    return [dict(zip(content, row, strict=True)) for row in zip(*content.values(), strict=True)]


def _is_wanted(name: str, columns: Sequence[str] | None) -> bool:
    return name in columns if columns is not None else not name.startswith("stats/")
