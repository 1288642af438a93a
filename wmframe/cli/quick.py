"""Commands whose help flag has a default.

Typer reads a flag without one through pydantic, whose import would double the start-up time of
``wmframe list-plugins``.
"""

from __future__ import annotations

from typing import Any

from typer import Exit
from typer.core import TyperCommand, TyperGroup


class QuickCommand(TyperCommand):
    """A command whose help flag needs no import."""

    def get_help_option(self, ctx: Any) -> Any:
        """Typer's help option, off unless given."""
        return with_default(super().get_help_option(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command; report an interrupt once."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            from wmframe.cli.failure import show_interrupt

            raise Exit(show_interrupt(error)) from error


class QuickGroup(TyperGroup):
    """The same for a group."""

    def get_help_option(self, ctx: Any) -> Any:
        """Typer's help option, off unless given."""
        return with_default(super().get_help_option(ctx))


def with_default(option: Any) -> Any:
    """The flag with False for its default; None stays None."""
    if option is not None:
        option.default = False
    return option
