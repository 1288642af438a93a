"""The only JSON reader: content is validated against a form, and errors name the place.

Files may be untrusted. Their length is checked before they are read, and deep nesting and wrong
types, numbers or text are rejected here.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar, cast

from wmframe.errors import DamagedError, WmframeError
from wmframe.json_forms import checker
from wmframe.json_scalars import Checker, MalformedError

Form = TypeVar("Form")

LIMIT: Final = 2**25
"""Maximum bytes of a file. Objects take up to 25 times as much memory as their text."""


def read_json(
    path: Path,
    form: type[Form],
    *,
    error: type[WmframeError] = DamagedError,
    hint: str = "",
    limit: int = LIMIT,
    finite: bool = True,
) -> Form:
    """The content of a JSON file.

    Args:
        path: the file.
        form: see :func:`wmframe.json_forms.checker`.
        error: what to raise.
        hint: what to do then.
        limit: bytes that the file may have.
        finite: refuse NaN and infinities, which JSON has not and Python writes.

    Raises:
        WmframeError: of the class ``error``: the file cannot be read or does not fit.
    """
    try:
        return parse_json(read_limited(path, limit), form, finite=finite)
    except OSError as fault:
        message = f"{path} cannot be read: {fault.strerror or fault}"
        raise error(message, hint) from fault
    except MalformedError as fault:
        raise error(f"{path} is damaged: {fault}", hint) from fault


def parse_json(data: str | bytes, form: type[Form], *, finite: bool = True) -> Form:
    """JSON text as ``form``; see :func:`read_json`.

    Raises:
        MalformedError: it does not fit; it says where.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_refuse if finite else None,
            parse_float=_finite if finite else None,
        )
    except RecursionError as error:
        raise MalformedError("it is nested too deeply") from error
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are some
        raise MalformedError(f"it is no JSON: {error}") from error
    check: Checker = checker(form)  # type: ignore[arg-type]
    return cast(Form, check(value))


def read_limited(path: Path, limit: int) -> bytes:
    """The bytes of a file within the size limit.

    Raises:
        OSError: it cannot be read.
        MalformedError: it is longer, or no file but a pipe, a device or a folder.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise MalformedError("it is no regular file")
    if found.st_size > limit:
        raise MalformedError(f"it has {found.st_size:,} bytes, more than {limit:,}")
    with path.open("rb") as file:
        return file.read(limit)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) == len(pairs):
        return table
    keys = [key for key, _ in pairs]
    twice = next(key for key in keys if keys.count(key) > 1)
    raise ValueError(f"it has {twice!r} twice")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"it holds {name}, which is no number")


def _finite(text: str) -> float:
    value = float(text)
    return value if abs(value) != float("inf") else _refuse(text[:32])
