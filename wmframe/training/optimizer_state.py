"""The state of a learner's optimizers by parameter name.

torch numbers an optimizer's parameters by the order in which they were given; a name survives a
change of that order, and can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn, optim

from wmframe.errors import CheckpointError
from wmframe.nn.trees import Tree


def optimizer_tree(learner: nn.Module, optimizers: Mapping[str, optim.Optimizer]) -> Tree:
    """Every optimizer's state and options, by its name and those of the learner's parameters."""
    names = parameter_names(learner)
    return {key: _state_by_name(key, value, names) for key, value in optimizers.items()}


def load_optimizers(
    learner: nn.Module, optimizers: Mapping[str, optim.Optimizer], tree: Tree
) -> None:
    """Put a tree from :func:`optimizer_tree` back; options such as the learning rate come with it.

    Args:
        learner: owns the parameters.
        optimizers: by name, as when they were saved.
        tree: what was saved.

    Raises:
        CheckpointError: optimizers or parameters are not those that were saved, or a parameter
            belongs to no module of the learner.
    """
    names = parameter_names(learner)
    own = {key: _order(key, value, names) for key, value in optimizers.items()}
    saved = {key: [n for g in value["groups"] for n in g["params"]] for key, value in tree.items()}
    odd = _differences(own, saved)
    if odd:
        hint = "load the weights alone, with optimizers=False"
        raise CheckpointError("the optimizers do not fit: " + "; ".join(odd), hint)
    for key, optimizer in optimizers.items():
        optimizer.load_state_dict(_state_by_index(key, optimizer, own[key], tree[key]))


def parameter_names(learner: nn.Module) -> dict[int, str]:
    """The first name of each parameter, by ``id``."""
    return {id(parameter): name for name, parameter in learner.named_parameters()}


def _order(key: str, optimizer: optim.Optimizer, names: Mapping[int, str]) -> list[str]:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    if any(id(parameter) not in names for parameter in parameters):
        raise CheckpointError(
            f"optimizer {key} has a parameter that is not the learner's",
            "make every trained module an attribute of the learner",
        )
    return [names[id(parameter)] for parameter in parameters]


def _state_by_name(key: str, optimizer: optim.Optimizer, names: Mapping[int, str]) -> Tree:
    order, state = _order(key, optimizer, names), optimizer.state_dict()
    groups = [{**g, "params": [order[i] for i in g["params"]]} for g in state["param_groups"]]
    return {"groups": groups, "state": {order[i]: value for i, value in state["state"].items()}}


def _state_by_index(
    key: str, optimizer: optim.Optimizer, order: list[str], saved: Tree
) -> dict[str, Any]:
    groups = optimizer.state_dict()["param_groups"]
    if len(groups) != len(saved["groups"]):
        counts = f"{len(groups)} parameter groups instead of {len(saved['groups'])}"
        raise CheckpointError(f"optimizer {key} has {counts}", "load with optimizers=False")
    pairs = zip(groups, saved["groups"], strict=True)
    state = {i: saved["state"][name] for i, name in enumerate(order) if name in saved["state"]}
    return {"param_groups": [{**s, "params": own["params"]} for own, s in pairs], "state": state}


def _differences(own: Mapping[str, list[str]], saved: Mapping[str, list[str]]) -> list[str]:
    odd = [f"{key} is missing" for key in own if key not in saved]
    odd += [f"{key} is unexpected" for key in saved if key not in own]
    for key in (key for key in own if key in saved):
        odd += [f"{key} lacks the state of {name}" for name in own[key] if name not in saved[key]]
        odd += [f"{key} trains no {name}" for name in saved[key] if name not in own[key]]
    return odd
