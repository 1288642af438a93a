"""How components own their settings: attrs classes whose fields are made with :func:`setting` and
:func:`part`. Nothing here imports torch.

::

    @attrs.frozen
    class AcmeAgentConfig:
        encoder: Part = part("encoder", default="acme.encoder", help="what sees the images")
        lr: float = setting(3e-4, help="learning rate", minimum=0.0)
        gradient: str = setting("both", choices=("dynamics", "reinforce", "both"))

The recipe loader reads the metadata that these helpers leave on the fields, to check values, to
offer what is allowed and to write the JSON schema.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs

from wmframe.errors import PluginError
from wmframe.noise import stdout_to_stderr
from wmframe.plugin import Component

REQUIRED: Final = attrs.NOTHING
"""Default of a setting without a default: every recipe must set it."""


@attrs.frozen
class Part:
    """A component chosen by a recipe, with its settings, not yet built."""

    use: str
    config: Any
    component: Component

    def build(self, **runtime: Any) -> Any:
        """Import the component's target and call it: ``target(config, **runtime)``.

        A target whose first parameter is not called ``config`` gets the settings by keyword.
        """
        target = load_object(self.component.target)
        if takes_config(target):
            return target(self.config, **runtime)
        return target(**self.settings(), **runtime)

    def settings(self) -> dict[str, Any]:
        """The settings by field name; nested parts are left unbuilt."""
        if self.config is None:
            return {}
        return {
            field.name: getattr(self.config, field.name)
            for field in attrs.fields(type(self.config))
        }


def takes_config(target: Callable[..., Any]) -> bool:
    """Whether a target's first parameter is ``config``, the record of all settings."""
    return next(iter(inspect.signature(target).parameters), "") == "config"


def load_object(reference: str) -> Any:
    """Import the object that ``module:attribute`` names.

    Raises:
        PluginError: the module cannot be imported, or has no such attribute.
    """
    module, _, attribute = reference.partition(":")
    try:
        with stdout_to_stderr():
            return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, SystemExit) as error:
        message = f"cannot import {reference}: {error}"
        raise PluginError(message, "fix or reinstall its plugin; --debug shows where") from error


def setting(
    default: Any = REQUIRED,
    *,
    help: str = "",  # noqa: A002 - the field's standard word, as in typer and argparse
    choices: Iterable[Any] | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    normalize: Callable[[Any], Any] | None = None,
    executes: Callable[[Any], Iterable[str]] | None = None,
) -> Any:
    """Declare a field of a config class.

    Args:
        default: the value when the recipe gives none; a mutable default is copied by a factory.
        help: one line for ``wmframe describe`` and the schema; state the unit.
        choices: the allowed values, shown with a "did you mean" when another is given.
        minimum: the least allowed number; of an array or a table, of each number in it.
        maximum: the largest allowed number, likewise; :mod:`wmframe.limits` has some that fit
            many settings. Infinity is refused unless a bound states it, and NaN always.
        normalize: applied to the recipe's value before the choices are checked.
        executes: which strings of a value name code outside plugins, such as a module that is
            imported. It must be trusted before an untrusted run is loaded.
    """
    metadata = {
        "help": help,
        "choices": None if choices is None else tuple(choices),
        "minimum": minimum,
        "maximum": maximum,
        "normalize": normalize,
        "executes": executes,
    }
    return attrs.field(default=default, metadata=metadata)


def regular_expression(text: str) -> str:
    """For ``normalize``: return a valid regular expression unchanged.

    Raises:
        ValueError: it is none.
    """
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f'"{text[:80]}" is not a regular expression: {error}') from error
    return text


def part(
    kind: str,
    default: str | Mapping[str, Any] | None = None,
    *,
    optional: bool = False,
    help: str = "",  # noqa: A002
) -> Any:
    """Declare a slot for a component of ``kind``.

    Args:
        kind: one of :data:`wmframe.plugin.KINDS`.
        default: the component used when the recipe names none: its name, or a table with ``use``.
            A recipe table without ``use`` changes settings of this default.
        optional: the slot may stay empty; its value is then None. Annotate it ``Part | None``.
        help: one line for ``wmframe describe``.
    """
    table = {"use": default} if isinstance(default, str) else default
    metadata = {"help": help, "kind": kind, "default": table, "optional": optional}
    if optional and table is None:
        return attrs.field(default=None, metadata=metadata)
    if table is None:
        return attrs.field(metadata=metadata)
    return attrs.field(factory=lambda: default_part(kind, table), metadata=metadata)


def parts(
    kind: str,
    default: Iterable[str] = (),
    *,
    help: str = "",  # noqa: A002
) -> Any:
    """Declare a slot for a list of components of ``kind``. Annotate it ``tuple[Part, ...]``.

    Args:
        kind: one of :data:`wmframe.plugin.KINDS`.
        default: names of the components used when the recipe gives no list.
        help: one line for ``wmframe describe``.
    """
    tables = tuple({"use": name} for name in default)
    metadata = {"help": help, "kind": kind, "default": tables, "many": True}
    return attrs.field(
        factory=lambda: tuple(default_part(kind, table) for table in tables), metadata=metadata
    )


def named_parts(
    kind: str,
    default: Mapping[str, Mapping[str, Any]],
    *,
    help: str = "",  # noqa: A002
) -> Any:
    """Declare a slot for components of ``kind`` by names that the recipe may choose.

    A recipe's table adds to the default ones and changes their settings; ``NAME = "none"`` takes
    one away. Annotate it ``dict[str, Part]``.

    Args:
        kind: one of :data:`wmframe.plugin.KINDS`.
        default: the tables, each with ``use``, by name.
        help: one line for ``wmframe describe``.
    """
    metadata = {"help": help, "kind": kind, "default": default, "named": True}
    return attrs.field(
        factory=lambda: {name: default_part(kind, table) for name, table in default.items()},
        metadata=metadata,
    )


def default_part(kind: str, table: Mapping[str, Any]) -> Part:
    """Structure a slot's default outside a recipe, as when a config is made in Python."""
    from wmframe.recipe.structure import structure_part

    return structure_part(kind, table)
