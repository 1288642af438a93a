from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from wmframe.recipe.tree import Origin, dotted, for_chosen_component, leaves, merge, wrap

KEYS = st.sampled_from("abc")
SCALARS = st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
TABLES = st.dictionaries(
    KEYS, st.recursive(SCALARS, lambda inner: st.dictionaries(KEYS, inner, max_size=3))
)


def layered(*tables):
    return reduce(
        merge, [wrap(t, Origin(f"layer {i}", line=1), layer=i) for i, t in enumerate(tables)]
    )


def merged_by_hand(lower, upper):
    if not (isinstance(lower, dict) and isinstance(upper, dict)):
        return upper
    return {
        key: merged_by_hand(lower[key], upper[key])
        if key in lower and key in upper
        else upper.get(key, lower.get(key))
        for key in {**lower, **upper}
    }


@given(st.lists(TABLES, min_size=1, max_size=4))
def test_tables_merge_and_everything_else_replaces(tables):
    assert layered(*tables).plain() == reduce(merged_by_hand, tables)


@given(st.lists(TABLES, min_size=1, max_size=4))
def test_every_value_comes_from_the_last_layer_that_states_it(tables):
    for path, node in leaves(layered(*tables)):
        table = wrap(tables[node.layer], Origin("")).at(path)
        assert table is not None
        assert table.plain() == node.plain()
        assert node.origin.source == f"layer {node.layer}"


@given(TABLES)
def test_a_layer_over_itself_changes_nothing(table):
    assert layered(table, table).plain() == table


def test_history_lists_each_layer_that_set_a_value():
    node = layered({"a": {"b": 1}}, {"a": {"b": [2]}}, {"c": 0}, {"a": {"b": 3}}).at(("a", "b"))
    assert [(n.origin.source, n.plain()) for n in node.history()] == [
        ("layer 0", 1),
        ("layer 1", [2]),
        ("layer 3", 3),
    ]


def test_settings_of_a_component_that_was_replaced_are_dropped():
    table = layered(
        {"use": "old", "depth": 3, "head": {"units": 8, "layers": 1}},
        {"use": "new", "width": 5, "head": {"units": 9}},
        {"height": 2},
    )
    assert for_chosen_component(table).plain() == {
        "use": "new",
        "width": 5,
        "height": 2,
        "head": {"units": 9},
    }


def test_settings_stay_when_the_same_component_is_chosen_again():
    table = layered({"use": "wmframe.online", "depth": 3}, {"use": "online", "width": 5})
    assert for_chosen_component(table).plain() == {"use": "online", "depth": 3, "width": 5}


def test_paths_are_written_as_users_write_them():
    assert dotted(("trackers", 0, "use")) == "trackers[0].use"
