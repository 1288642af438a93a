"""Forms of JSON values, given as Python types, and functions that validate and convert them."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from wmframe.json_scalars import SCALARS, Checker, MalformedError, expected, say, text


@cache
def checker(form: Any) -> Checker:
    """A function that gives a JSON value the type ``form`` or raises MalformedError.

    Args:
        form: ``bool``, ``int`` (of 64 bits), ``float``, ``str``, ``None``, ``Any``, a ``Literal``,
            an enumeration, a union, ``list`` or ``tuple`` of forms, ``dict`` or ``Mapping`` from
            ``str``, ``Annotated`` with functions that raise ValueError, or an attrs class, whose
            keys are its fields'. A class attribute ``OPEN`` allows others, which are left out.
    """
    origin, inner = get_origin(form), get_args(form)
    if origin is Annotated:
        return _annotated(inner[0], inner[1:])
    if origin in (Union, types.UnionType):
        return _union(inner)
    if origin is Literal:
        return _one_of({value: value for value in inner})
    if origin is tuple and inner[-1] is not Ellipsis:
        return _row(inner)
    if origin in (list, tuple):
        return _array(origin, checker(inner[0]))
    if origin in (dict, Mapping):
        return _table(checker(inner[1]))
    if isinstance(form, type) and issubclass(form, Enum):
        return _one_of({member.value: member for member in form})
    return _record(form) if attrs.has(form) else SCALARS[form]


def _annotated(form: Any, limits: Sequence[Callable[[Any], None]]) -> Checker:
    inner = checker(form)

    def check(value: Any) -> Any:
        value = inner(value)
        try:
            for limit in limits:
                limit(value)
        except ValueError as error:
            raise MalformedError(str(error)) from error
        return value

    return check


def _union(forms: Sequence[Any]) -> Checker:
    known = [checker(form) for form in forms if form is not type(None)]
    optional = len(known) < len(forms)

    def check(value: Any) -> Any:
        if value is None and optional:
            return None
        for one in known[:-1]:
            try:
                return one(value)
            except MalformedError:
                continue
        return known[-1](value)

    return check


def _one_of(allowed: Mapping[Any, Any]) -> Checker:
    names = " or ".join(repr(getattr(value, "value", value)) for value in allowed)

    def check(value: Any) -> Any:
        if isinstance(value, dict | list) or value not in allowed:
            raise expected(names, value)
        return allowed[value]

    return check


def _array(kind: Callable[[list[Any]], Any], inner: Checker) -> Checker:
    def check(value: Any) -> Any:
        if not isinstance(value, list):
            raise expected("an array", value)
        made: list[Any] = []
        try:
            for one in value:
                made.append(inner(one))  # noqa: PERF401 its length tells where it failed
        except MalformedError as error:
            raise error.below(f"[{len(made)}]") from error
        return kind(made)

    return check


def _row(forms: Sequence[Any]) -> Checker:
    inner = [checker(form) for form in forms]

    def check(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(inner):
            raise expected(f"an array of {len(inner)}", value)
        made: list[Any] = []
        try:
            for one, fit in zip(value, inner, strict=True):
                made.append(fit(one))
        except MalformedError as error:
            raise error.below(f"[{len(made)}]") from error
        return tuple(made)

    return check


def _table(inner: Checker) -> Checker:
    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise expected("a table", value)
        made = {}
        for key, one in value.items():
            try:
                made[text(key)] = inner(one)
            except MalformedError as error:
                raise error.below(key if key.isidentifier() else say(key)) from error
        return made

    return check


def _record(form: Any) -> Checker:
    hints = get_type_hints(form, include_extras=True)
    fields = {field.name: checker(hints[field.name]) for field in attrs.fields(form)}
    needed = [field.name for field in attrs.fields(form) if field.default is attrs.NOTHING]
    is_open = getattr(form, "OPEN", False)

    def check(value: Any) -> Any:
        if not isinstance(value, dict):
            raise expected("a table", value)
        if lacking := [name for name in needed if name not in value]:
            raise MalformedError(f"{lacking[0]!r} is missing")
        others = [key for key in value if key not in fields]
        if others and not is_open:
            raise MalformedError(f"there is no {say(others[0])}")
        made = {}
        for name in fields.keys() & value.keys():
            try:
                made[name] = fields[name](value[name])
            except MalformedError as error:
                raise error.below(name) from error
        try:
            return form(**made)
        except ValueError as error:
            raise MalformedError(str(error)) from error

    return check
