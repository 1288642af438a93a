"""What the installed client has: attributes, and signatures from docstrings and from the stub."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import carla

PARAMETER = re.compile(r"\((\w+)\)(\w+)(=)?")
NUMBERS = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,)}
ALIASES = {"GBufferTextureID": "int"}  # the library's docstrings show int under this name
ANY = ("object", "list")


class NotInClient(AssertionError):
    """The installed client has no such attribute, or it is called otherwise."""


class Parameter(NamedTuple):
    name: str
    type: str
    optional: bool


@functools.cache
def library_signatures(owner: type, method: str) -> list[list[Parameter]]:
    """The overloads of a method, without self, as Boost.Python documents them."""
    documented = getattr(owner, method).__doc__ or ""
    lines = re.findall(rf"^{method}\((.*)\) -> \w+ :$", documented, re.MULTILINE)
    overloads = [[Parameter(n, t, bool(o)) for t, n, o in PARAMETER.findall(x)] for x in lines]
    assert overloads, f"{owner.__name__}.{method} is not documented"
    return [parameters[1:] for parameters in overloads]


@functools.cache
def stub() -> dict[str, dict[str, list[ast.FunctionDef]]]:
    """The functions of each class of ``libcarla.pyi``."""
    tree = ast.parse((Path(carla.__file__).parent / "libcarla.pyi").read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found: dict[str, dict[str, list[ast.FunctionDef]]] = {}
    for node in classes:
        functions = found.setdefault(node.name, {})
        for item in node.body:
            if isinstance(item, ast.FunctionDef):
                functions.setdefault(item.name, []).append(item)
    return found


def stub_signatures(owner: type, method: str) -> list[list[Parameter]]:
    """The overloads of a method in the stub, without self."""
    for base in owner.__mro__:
        if functions := stub().get(base.__name__, {}).get(method):
            return [_stub_parameters(function) for function in functions]
    raise NotInClient(f"the stub has no {owner.__name__}.{method}")


def _stub_parameters(function: ast.FunctionDef) -> list[Parameter]:
    names = [argument.arg for argument in function.args.args[1:]]
    required = len(names) - len(function.args.defaults)
    return [Parameter(name, "object", i >= required) for i, name in enumerate(names)]


def check_call(owner: type, method: str, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Refuse a call that the library or its stub would not take.

    Raises:
        NotInClient: saying what it would.
    """
    for place in (library_signatures, stub_signatures):
        overloads = place(owner, method)
        if not any(fits(parameters, given, named) for parameters in overloads):
            raise NotInClient(
                f"{owner.__name__}.{method}{given}{named} does not fit {overloads} of {place}"
            )


def fits(parameters: list[Parameter], given: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Whether the arguments bind, each to a parameter of its type."""
    bound = dict(zip([p.name for p in parameters], given, strict=False))
    known = {p.name for p in parameters}
    if len(given) > len(parameters) or not set(named) <= known - set(bound):
        return False
    bound |= named
    complete = all(p.optional or p.name in bound for p in parameters)
    return complete and all(is_a(bound[p.name], p.type) for p in parameters if p.name in bound)


def is_a(value: Any, name: str) -> bool:
    """Whether a value, or what a double stands for, is of the type that a docstring names."""
    name = ALIASES.get(name, name)
    if name in ANY:
        return True
    if name in NUMBERS:
        return isinstance(value, NUMBERS[name])
    real = object.__getattribute__(value, "_real") if isinstance(value, Checked) else type(value)
    return issubclass(real, getattr(carla, name))


class Checked:
    """A double of the library's class ``_real``: public names are looked up there first."""

    _real: type
    _calls: ClassVar[list[tuple[str, str]]] = []

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        if not hasattr(self._real, name):
            raise NotInClient(f"{self._real.__name__} has no {name}")
        value = object.__getattribute__(self, name)
        if isinstance(getattr(self._real, name), property):
            return value
        return functools.partial(self._checked, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise NotInClient(f"{self._real.__name__}.{name} cannot be set")
        object.__setattr__(self, name, value)

    def _checked(self, name: str, function: Any, *given: Any, **named: Any) -> Any:
        check_call(self._real, name, given, named)
        self._calls.append((self._real.__name__, name))
        return function(*given, **named)
