"""Check components against the contract of their kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from wmframe.config import Part, load_object
from wmframe.errors import PluginError
from wmframe.plugin import Component
from wmframe.registry import registry
from wmframe.testing.declaration import check_declaration
from wmframe.testing.expect import expect

CONTRACTS: Final = {
    "agent": "wmframe.interfaces.models:Agent",
    "behavior": "wmframe.models.behavior:Behavior",
    "dataset": "wmframe.interfaces.dataset:VideoDataset",
    "decoder": "wmframe.interfaces.models:Decoder",
    "dynamics": "wmframe.interfaces.models:Dynamics",
    "encoder": "wmframe.interfaces.models:Encoder",
    "latent": "wmframe.nn.latents:Latent",
    "layout": "wmframe.interfaces.layout:Layout",
    "learner": "wmframe.interfaces.models:Learner",
    "output": "wmframe.nn.outputs:Output",
    "reward_shaping": "wmframe.models.reward_shaping:RewardShaping",
    "stage": "wmframe.interfaces.stage:Stage",
    "suite": "wmframe.interfaces.suite:EnvSuite",
    "tracker": "wmframe.interfaces.tracker:Tracker",
}
"""The abstract class of each kind."""

CHECKS: Final = {
    "agent": "agents:check_agent_part",
    "dataset": "datasets:check_dataset_part",
    "decoder": "networks:check_decoder_part",
    "dynamics": "networks:check_dynamics_part",
    "encoder": "networks:check_encoder_part",
    "learner": "learners:check_learner_part",
    "stage": "stages:check_stage_part",
    "suite": "suites:check_suite_part",
    "tracker": "trackers:check_tracker_part",
}
"""What is tried on a built component of each kind, in :mod:`wmframe.testing`. The others are built
by the part that owns them alone, so only their declaration is checked."""

Settings = Mapping[str, Any]


def check_component(component: Component, settings: Settings | None = None) -> None:
    """Check a component's declaration, then build it and try what its kind promises.

    Args:
        component: of an installed plugin.
        settings: those that have no default, and such as make it small and quick.

    Raises:
        ConformanceError: with what to change.
        RecipeError: the settings do not fit.
    """
    from wmframe.recipe.structure import structure_part

    check_declaration(component)
    check_contract(component)
    part: Part = structure_part(component.kind, {"use": component.name, **(settings or {})})
    if component.kind in CHECKS:
        module, _, function = CHECKS[component.kind].partition(":")
        getattr(import_module(f"wmframe.testing.{module}"), function)(part)


def check_contract(component: Component) -> None:
    """Check that a target that is a class derives from its kind's abstract class."""
    target, contract = load_object(component.target), CONTRACTS.get(component.kind)
    if contract is not None and isinstance(target, type):
        base = load_object(contract)
        message = f"{component.target} does not derive from {contract.replace(':', '.')}"
        expect(issubclass(target, base), message)


def conformance(plugin: str, settings: Mapping[str, Settings] | None = None) -> Callable[..., None]:
    """Make a pytest test that checks every component of a plugin.

    Args:
        plugin: the name of its entry point.
        settings: by the component's name, what :func:`check_component` needs.

    Raises:
        MissingError: the plugin is not installed.
        PluginError: it is broken, so there is nothing to check.
    """
    import pytest

    found = registry().plugin(plugin)
    if found.cause:
        raise PluginError(f"plugin {found} is broken: {found.cause}", found.hint)
    ids = [f"{component.kind}-{component.name}" for component in found.components]

    @pytest.mark.parametrize("component", found.components, ids=ids)
    def test_component(component: Component) -> None:
        check_component(component, (settings or {}).get(component.name))

    return test_component
