"""Writes the command-line reference from the program itself, so that it cannot be out of date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from wmframe.cli.app import build_app


def write_cli_reference(path: Path) -> None:
    """Write ``path`` as Markdown, only if it changes."""
    text = "\n".join(render())
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def render() -> Iterator[str]:
    """The reference, line by line."""
    root = typer.main.get_command(build_app())
    yield "# Command line"
    yield ""
    yield root.help
    yield ""
    yield "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong recipe, 4 something is missing."
    for name, command in sorted(root.commands.items()):
        for inner, its in sorted(getattr(command, "commands", {"": command}).items()):
            yield from render_command(f"{name} {inner}".rstrip(), its)


def render_command(name: str, command: Any) -> Iterator[str]:
    """One command: what it does, how it is called, its options."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join(["wmframe", name, *(metavar(p) for p in arguments)])
    yield from ("", f"## wmframe {name}", "", command.help or "", "", "```console")
    yield from (f"$ {usage}{' [OPTIONS]' if options else ''}", "```")
    if arguments or options:
        yield from ("", "| | |", "| --- | --- |")
    for p in arguments:
        yield f"| `{metavar(p)}` | {p.help or ''} |"
    for p in options:
        default = "" if p.default in (None, False, (), []) else f" Default: {p.default}."
        yield f"| `{', '.join(p.opts)}` | {p.help or ''}{default} |"


def metavar(parameter: Any) -> str:
    """How an argument is written in a usage line."""
    return parameter.metavar or parameter.name.upper()


if __name__ == "__main__":
    print("\n".join(render()))
