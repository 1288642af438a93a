"""Commands implemented by components: ``wmframe doctor NAME``, ``wmframe assets NAME``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wmframe.errors import MissingError
from wmframe.registry import registry
from wmframe.suggest import suggest

if TYPE_CHECKING:
    from wmframe.plugin import Finding


def assets(
    name: Annotated[str, typer.Argument(help="A component that needs its publisher's files.")],
    source: Annotated[Path, typer.Option("--from", help="The folder of the unpacked files.")],
) -> None:
    """Check files that you have downloaded for a component, and install them."""
    from wmframe.files import assets_folder

    target = assets_folder(name)
    for line in answering("assets", name)(source, target):
        typer.echo(line)
    typer.echo(f"kept in {target}")


def own_check(name: str, options: Sequence[str]) -> Iterable[Finding]:
    """The findings of a component's doctor.

    Args:
        name: of the component.
        options: words of the command line, ``--port 2000`` for the function's parameter ``port``.

    Raises:
        MissingError: no component of that name has a doctor.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(answering("doctor", name))
    command = typer.main.get_command(app)
    with command.make_context(f"wmframe doctor {name}", list(options)) as context:
        return list(command.invoke(context))


def answering(question: str, name: str) -> Callable[..., Any]:
    """The function of component ``name`` for ``assets`` or ``doctor``.

    Raises:
        MissingError: there is no such component, or it has none.
    """
    from wmframe.config import load_object

    able = {c.name: getattr(c, question) for c in registry().components() if getattr(c, question)}
    if name not in able:
        hint = suggest(name, able) or "no installed plugin has any, see wmframe list-plugins"
        raise MissingError(f"no component {name!r} answers to wmframe {question}", hint)
    function: Callable[..., Any] = load_object(able[name])
    return function
