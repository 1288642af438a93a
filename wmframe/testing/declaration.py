"""Checks on what a component declares: its config class and its target."""

from __future__ import annotations

import inspect
import subprocess
import sys
from functools import cache
from typing import Any, Final

import attrs

from wmframe.config import load_object, takes_config
from wmframe.plugin import Component
from wmframe.recipe.annotations import annotations_of
from wmframe.testing.expect import expect

HEAVY: Final = ("torch", "mujoco", "gymnasium")
"""What listing plugins and checking recipes must not import."""

RUNTIME: Final[dict[str, tuple[str, ...]]] = {
    "activation": ("x",),
    "agent": ("obs", "action"),
    "behavior": ("context",),
    "dataset": (),
    "decoder": ("feat_dim", "obs"),
    "dynamics": ("embed_dim", "action_dim", "noise"),
    "encoder": ("obs",),
    "image_norm": ("channels",),
    "latent": (),
    "layout": (),
    "learner": ("obs",),
    "norm": ("size",),
    "optimizer": ("parameters",),
    "output": ("in_dim", "shape", "groups"),
    "reward_shaping": ("dynamics",),
    "stage": (),
    "suite": (),
    "tracker": ("folder", "stage"),
}
"""Arguments of each kind of component in addition to its settings."""


def check_declaration(component: Component) -> None:
    """Check summary, config class and the target's signature.

    Raises:
        ConformanceError: with what to change.
    """
    name = component.name
    expect(component.summary.strip(), f"{name} has no summary; give Component(summary=...)")
    expect("\n" not in component.summary, f"{name}: the summary is one line")
    check_light_plugin(name.partition(".")[0])
    config = None
    if component.config is not None:
        check_light_module(component.config.partition(":")[0])
        config = load_object(component.config)
        check_config(config)
    check_signature(component, config)


def check_config(config: Any) -> None:
    """Check that a config class is a frozen attrs class whose settings are explained."""
    expect(
        isinstance(config, type) and attrs.has(config),
        f"{config!r} is no attrs class; decorate it with @attrs.frozen",
    )
    expect(is_frozen(config), f"{config.__name__} can be changed; decorate it with @attrs.frozen")
    for field in attrs.fields(config):
        where = f"{config.__name__}.{field.name}"
        if attrs.has(annotations_of(config)[field.name]) and "kind" not in field.metadata:
            check_config(annotations_of(config)[field.name])
        else:
            expect(
                field.metadata.get("help"),
                f"{where} is not explained; declare it with wmframe.config.setting(help=...)",
            )


def is_frozen(config: type) -> bool:
    """Whether instances refuse to be changed."""
    blank: Any = object.__new__(config)
    try:
        setattr(blank, attrs.fields(config)[0].name if attrs.fields(config) else "any", None)
    except attrs.exceptions.FrozenInstanceError:
        return True
    return False


def check_signature(component: Component, config: Any) -> None:
    """Check that the target takes its config, and what the owner of the slot gives by keyword."""
    target = load_object(component.target)
    expect(callable(target), f"{component.target} cannot be called; name a class or a function")
    names = [*RUNTIME[component.kind]]
    first = [config] if takes_config(target) else []
    if config is not None and not first:
        names = [*(field.name for field in attrs.fields(config)), *names]
    try:
        inspect.signature(target).bind(*first, **dict.fromkeys(names))
    except TypeError as error:
        called = ", ".join(["config"] * len(first) + [f"{name}=..." for name in names])
        message = f"{component.target} is called with ({called}), which it refuses: {error}"
        expect(False, message)


@cache
def check_light_module(module: str) -> None:
    """Check in a fresh process that importing a module brings nothing heavy."""
    found = heavy_imports(f"import {module}")
    expect(not found, f"importing {module} imports {found}; import it where it is used")


@cache
def check_light_plugin(plugin: str) -> None:
    """Check in a fresh process that loading a plugin's light module brings nothing heavy."""
    load = f"[s.load() for s in installed_sources() if s.name == {plugin!r}]"
    found = heavy_imports(f"from wmframe.registry.sources import installed_sources; {load}")
    expect(not found, f"the module that plugin {plugin}'s entry point names imports {found}")


def heavy_imports(code: str) -> str:
    """Which of the heavy modules are there after running ``code`` in a fresh process."""
    report = f"print(*(name for name in {HEAVY!r} if name in sys.modules))"
    command = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}; {report}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"{code!r} fails:\n{done.stderr}")
    return done.stdout.strip()
