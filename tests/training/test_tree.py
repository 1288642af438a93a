"""Trees: walked, taken apart and put together again."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import pytest
import torch

from wmframe.nn.trees import tree_map
from wmframe.training.storage import load_tree, save_tree
from wmframe.training.tree import join, rebuild, split


class Latent(NamedTuple):
    stoch: torch.Tensor
    deter: torch.Tensor | None


TREE = {
    "numbers": [1, 2.5, True, None, "text", 2**70, float("inf"), np.float32(0.1), np.int64(3)],
    "nested": ({"a": (1, 2)}, [], {}, ()),
    "arrays": [np.arange(3).astype(d) for d in ("u1", "i8", "u4", "u8", "f2", "f8", ">f4", "?")],
    "zero_dim": np.array(3.5),
    "strided": np.arange(12).reshape(3, 4).T,
    "empty": np.zeros((0, 4), np.float32),
    "tensors": [torch.ones(2, dtype=torch.bfloat16), torch.zeros((), dtype=torch.int64)],
    "odd/key": {"0:/odd": np.ones(1), "dict": {"tuple": [1]}},
}


def assert_equal(one, two):
    if isinstance(two, dict):
        assert one.keys() == two.keys()
        for key in two:
            assert_equal(one[key], two[key])
    elif isinstance(two, list | tuple):
        assert isinstance(one, type(two))
        assert len(one) == len(two)
        for left, right in zip(one, two, strict=True):
            assert_equal(left, right)
    elif isinstance(two, torch.Tensor):
        assert one.dtype == two.dtype
        assert torch.equal(one, two)
    elif isinstance(two, np.ndarray):
        assert isinstance(one, np.ndarray)
        assert (one.shape, one.dtype) == (two.shape, two.dtype.newbyteorder("="))
        np.testing.assert_array_equal(one, two)
    else:
        assert one == two
        assert type(one) is type(two) or isinstance(two, np.generic)


def test_a_tree_comes_back_from_files_as_it_was(tmp_path):
    save_tree(tmp_path, "state", TREE)
    assert_equal(load_tree(tmp_path, "state"), TREE)


def test_tensors_that_share_memory_come_back_apart(tmp_path):
    base = torch.arange(6.0)
    save_tree(tmp_path, "state", [base, base[2:4], base[4:], base.view(2, 3).T])
    back = load_tree(tmp_path, "state")
    assert_equal(back, [base, base[2:4], base[4:], base.view(2, 3).T])
    back[0].zero_()
    assert back[1].tolist() == [2.0, 3.0]


def test_a_slice_of_a_large_tensor_is_saved_alone(tmp_path):
    save_tree(tmp_path, "state", torch.zeros(1_000_000)[10:20])
    assert (tmp_path / "state.safetensors").stat().st_size < 1000
    assert load_tree(tmp_path, "state").shape == (10,)


def test_what_cannot_be_saved_is_named_by_its_place():
    with pytest.raises(TypeError, match=r"/a/1: object cannot be saved"):
        split({"a": [1, object()]})
    with pytest.raises(TypeError, match=r"/a: <U1 cannot"):
        split({"a": np.array(["x"])})
    with pytest.raises(TypeError, match="/a: the key 3"):
        split({"a": {3: 1}})


def test_structures_are_json():
    structure, tensors = split(TREE)
    assert_equal(join(json.loads(json.dumps(structure)), tensors), TREE)


def test_named_tuples_come_back_through_a_tree_like_them():
    state = {"agent": (Latent(torch.ones(2), None), torch.zeros(1))}
    plain = join(*split(state))
    assert type(plain["agent"][0]) is tuple
    back = rebuild(plain, state)
    assert isinstance(back["agent"][0], Latent)
    assert_equal(back["agent"][0].stoch, state["agent"][0].stoch)
    with pytest.raises(ValueError, match="keys"):
        rebuild({"other": 1}, state)


def test_tree_map_keeps_containers_and_none():
    tree = {"a": [1, (2, None)], "b": Latent(3, None)}
    doubled = tree_map(lambda leaf: leaf * 2, tree)
    assert doubled == {"a": [2, (4, None)], "b": Latent(6, None)}
    assert isinstance(doubled["b"], Latent)
