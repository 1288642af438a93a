"""Plugins installed for one test."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from support.packages import write_plugin

NUMBERS = itertools.count()

ENCODER = """
from wmframe.plugin import Component, impl

@impl
def wmframe_components():
    yield Component("encoder", "NAME.net", target="somewhere:Net")
"""


@pytest.fixture
def install(tmp_path, monkeypatch) -> Callable[..., str]:
    """Installs a plugin under a name that no other test has, and returns the name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(source: str = ENCODER, name: str | None = None, **options) -> str:
        name = name or f"acme{next(NUMBERS)}"
        write_plugin(tmp_path, name, source.replace("NAME", name), **options)
        return name

    return install
