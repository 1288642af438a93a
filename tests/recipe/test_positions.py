from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from wmframe.recipe.positions import key_lines, split_key
from wmframe.recipe.toml import toml_document

DOCUMENT = '''\
# a comment = 1
top = """a = 1
b = """  # two lines
"quoted.key" = '# no comment'

[stages . "fine tune"]
agent = { use = "x", encoder.depth = [1, 2], 'k' = "}" }
a.b = 1
a.c = [
  # within
  "]",
  { d = "\\"," }, [[3]],
]

[[videos]]
use = "first"
[videos.part]
x = 1979-05-27 07:32:00
[[videos]]
use = "second"
[[videos.inner]]
y = -1_000.5e3
'''

LINES = {
    ("top",): 2,
    ("quoted.key",): 4,
    ("stages",): 6,
    ("stages", "fine tune"): 6,
    ("stages", "fine tune", "agent", "encoder", "depth", 1): 7,
    ("stages", "fine tune", "agent", "k"): 7,
    ("stages", "fine tune", "a"): 8,
    ("stages", "fine tune", "a", "b"): 8,
    ("stages", "fine tune", "a", "c"): 9,
    ("stages", "fine tune", "a", "c", 0): 11,
    ("stages", "fine tune", "a", "c", 1, "d"): 12,
    ("stages", "fine tune", "a", "c", 2, 0, 0): 12,
    ("videos", 0): 15,
    ("videos", 0, "use"): 16,
    ("videos", 0, "part", "x"): 18,
    ("videos", 1, "use"): 20,
    ("videos", 1, "inner", 0, "y"): 22,
}


def paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, child in items:
        yield from paths(child, (*path, key))


def test_every_kind_of_key_is_found():
    lines = key_lines(DOCUMENT)
    assert {path: lines.get(path) for path in LINES} == LINES
    assert set(lines) == set(paths(tomllib.loads(DOCUMENT))) - {()}


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_what_is_written_is_read_back_and_every_key_has_a_line(values):
    text = toml_document(values)
    assert tomllib.loads(text) == values
    lines = key_lines(text)
    assert set(lines) == set(paths(values)) - {()}
    assert all(1 <= line <= text.count("\n") for line in lines.values())


def test_a_dotted_key_is_split_as_toml_does():
    assert split_key("a.b-c.'d.e'. \"f\"") == ("a", "b-c", "d.e", "f")
    for wrong in ("", "a..b", "a b", ".a", "a.", "a]", '"a'):
        assert split_key(wrong) is None
