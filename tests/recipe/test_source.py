from __future__ import annotations

import pytest

from wmframe.errors import UsageError
from wmframe.recipe.source import parse_override


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.b=erasing", "erasing"),
        ("a.b=drawer-open", "drawer-open"),
        ("a.b=300", 300),
        ("a.b = 1e-4", 1e-4),
        ("a.b=true", True),
        ('a.b="12"', "12"),
        ("a.b=[1, 2]", [1, 2]),
        ('a.b={ use = "x" }', {"use": "x"}),
        ("a.b=x=y", "x=y"),
        ("a.b=", ""),
        ("a.b=2024-01-01", "2024-01-01"),
        ("a.b=1\nc = 2", "1\nc = 2"),
    ],
)
def test_an_override_is_toml_or_a_bare_word(text, value):
    node = parse_override(text)
    assert node.plain() == {"a": {"b": value}}
    assert str(node.at(("a", "b")).origin) == f"--set {text}"


@pytest.mark.parametrize("text", ["a.b", "=1", "a b=1", "a=[1", 'a="x', "a={ b = c }"])
def test_a_malformed_override_says_what_to_write(text):
    with pytest.raises(UsageError) as caught:
        parse_override(text)
    assert text in caught.value.message
    assert "--set" in caught.value.hint
