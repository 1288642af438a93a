"""Hints for an unknown name: similar names, or all names."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 12
"""How many names are listed when none is close."""


def suggest(name: str, options: Iterable[str]) -> str:
    """Say which of ``options`` was probably meant by ``name``.

    Returns:
        ``did you mean 'a' or 'b'?``, else ``choose one of: a, b, c``, else an empty text when there
        are no options.
    """
    names = sorted(set(options))
    if close := close_names(name, names):
        return f"did you mean {' or '.join(map(repr, close))}?"
    if not names:
        return ""
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"choose one of: {', '.join(names[:SHOWN])}{more}"


def suggest_component(name: str, components: Iterable[str], plugins: Iterable[str]) -> str:
    """Say what was probably meant by a component's ``name``, or what to install.

    Args:
        name: with or without a plugin's prefix.
        components: the names that would have been right.
        plugins: the installed plugins.
    """
    prefix, dot, _ = name.partition(".")
    installed = set(plugins)
    if prefix in installed:
        return suggest(name, components)
    options = installed if dot else set(components)
    hint = suggest(prefix, options)
    if close_names(prefix, options):
        return hint
    install = f"install the package that brings plugin {prefix!r}, by custom wmframe-{prefix}"
    return f"{install}, or {hint}" if hint else install


def close_names(name: str, options: Iterable[str]) -> list[str]:
    """The options that look like ``name`` as a whole or by their last dotted word, best first."""
    import difflib  # here, because start-up can do without it

    spellings: dict[str, list[str]] = {}
    for option in options:
        for spelling in {option.casefold(), option.casefold().rpartition(".")[2]}:
            spellings.setdefault(spelling, []).append(option)
    wanted = (name.casefold(), name.casefold().rpartition(".")[2])
    close = [s for word in wanted for s in difflib.get_close_matches(word, spellings, n=2)]
    return list(dict.fromkeys(option for s in close for option in spellings[s]))[:2]
