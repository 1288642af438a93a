"""Trees: nested dicts, lists, tuples and NamedTuples, whose leaves are tensors, arrays or scalars.

Here they are walked, and split into a plain structure (for JSON) and named tensors (for
safetensors), so that any state can be saved without pickle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wmframe.nn.trees import Tree, like_container

SCALARS = (bool, int, float, str)


def rebuild(tree: Tree, like: Tree) -> Tree:
    """Give a tree the containers of another and move its tensors to where that one's are.

    A tree that comes from a file has plain tuples in place of NamedTuples and its tensors on the
    CPU. Where ``like`` is None the tree is left as it is.

    Raises:
        ValueError: the trees differ in their keys or lengths.
    """
    if tree is None or like is None:
        return tree
    if isinstance(like, Mapping):
        if tree.keys() != like.keys():
            raise ValueError(f"keys {sorted(tree)} instead of {sorted(like)}")
        return {key: rebuild(tree[key], like[key]) for key in like}
    if isinstance(like, list | tuple):
        return like_container(like, [rebuild(*pair) for pair in zip(tree, like, strict=True)])
    return tree.to(like.device) if isinstance(like, Tensor) else tree


def split(tree: Tree) -> tuple[Tree, dict[str, Tensor]]:
    """Split a tree into what JSON can say and tensors, to which it refers by name.

    Raises:
        TypeError: a leaf is of a kind that cannot be saved; its place is named.
    """
    tensors: dict[str, Tensor] = {}
    return _split(tree, "", tensors), tensors


def join(structure: Tree, tensors: Mapping[str, Tensor]) -> Tree:
    """The inverse of :func:`split`, with tensors on the CPU and plain tuples for NamedTuples."""
    if isinstance(structure, list):
        return [join(value, tensors) for value in structure]
    if not isinstance(structure, dict):
        return structure
    [(kind, content)] = structure.items()
    if kind == "dict":
        return {key: join(value, tensors) for key, value in content.items()}
    if kind == "tuple":
        return tuple(join(value, tensors) for value in content)
    if kind not in ("array", "tensor"):
        raise ValueError(f"there is no kind of leaf {kind!r}")
    return tensors[content].numpy() if kind == "array" else tensors[content]


def _split(tree: Tree, path: str, tensors: dict[str, Tensor]) -> Tree:
    if isinstance(tree, np.generic):
        tree = tree.item()
    if tree is None or isinstance(tree, SCALARS):
        return tree
    if isinstance(tree, Mapping):
        return {"dict": {_key(k, path): _split(v, f"{path}/{k}", tensors) for k, v in tree.items()}}
    if isinstance(tree, list | tuple):
        values = [_split(v, f"{path}/{i}", tensors) for i, v in enumerate(tree)]
        return {"tuple": values} if isinstance(tree, tuple) else values
    name = f"{len(tensors)}:{path}"  # the number keeps apart what a "/" in a key would confuse
    tensors[name] = _tensor(tree, path)
    return {"array" if isinstance(tree, np.ndarray) else "tensor": name}


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{path or '/'}: the key {key!r} is not a string")
    return key


def _tensor(leaf: Any, path: str) -> Tensor:
    if isinstance(leaf, Tensor):
        return leaf
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "biufc":
        return torch.from_numpy(np.array(leaf, dtype=leaf.dtype.newbyteorder("="), order="C"))
    kind = leaf.dtype if isinstance(leaf, np.ndarray) else type(leaf).__name__
    raise TypeError(f"{path or '/'}: {kind} cannot be saved")
