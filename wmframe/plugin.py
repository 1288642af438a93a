"""Everything a plugin author imports: the hooks, the marker that implements them, Component.

This module needs only the standard library and pluggy, so that listing plugins stays cheap.
A plugin is a light module named by an entry point in group ``wmframe``::

    # pyproject.toml:  [project.entry-points.wmframe]  acme = "wmframe_acme.plugin"
    from wmframe.plugin import Component, impl

    @impl
    def wmframe_components():
        yield Component("suite", "acme", target="wmframe_acme.suite:AcmeSuite",
                        config="wmframe_acme.config:AcmeConfig", summary="Acme's robot tasks")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pluggy

API_VERSION: Final = 1
"""Version of this interface. A plugin states its own in entry-point group ``wmframe.api``."""

KINDS: Final = (
    "activation",
    "agent",
    "behavior",
    "dataset",
    "decoder",
    "dynamics",
    "encoder",
    "image_norm",
    "latent",
    "layout",
    "learner",
    "norm",
    "optimizer",
    "output",
    "reward_shaping",
    "stage",
    "suite",
    "tracker",
)
"""Kinds of components. Each kind has one abstract class in :mod:`wmframe.interfaces`."""

impl: Final = pluggy.HookimplMarker("wmframe")
spec: Final = pluggy.HookspecMarker("wmframe")


@dataclass(frozen=True, slots=True)
class Component:
    """A component that recipes can name. Declaring it imports nothing.

    Attributes:
        kind: one of :data:`KINDS`.
        name: the plugin's entry-point name, or that name, a dot and a word of the plugin's choice.
        target: ``module:attribute`` of the class or function that builds the part. It is called
            with the config's fields and with what the owner of the slot supplies, all by keyword.
        config: ``module:attribute`` of the attrs class with the part's settings; None for none.
            Its module is imported to check a recipe, so it must not import torch or a simulator.
        summary: one line for ``wmframe list-plugins --components``.
        assets: ``module:function`` of what ``wmframe assets NAME --from FOLDER`` calls, for files
            that users have to download themselves: ``install(source: Path, target: Path)`` checks
            them, copies them to ``target`` and returns lines to print.
        doctor: ``module:function`` of what ``wmframe doctor NAME`` calls, for what cannot be looked
            at without asking, such as a server. Its parameters become options of the command, and
            it yields a :class:`Finding` for each thing that it looked at.
    """

    kind: str
    name: str
    target: str
    config: str | None = None
    summary: str = ""
    assets: str | None = None
    doctor: str | None = None


class Finding(NamedTuple):
    """One finding of a doctor; ``fix`` is the remedy if it is not ``ok``."""

    subject: str
    ok: bool
    detail: str
    fix: str = ""


class Hooks:
    """The hooks that a plugin may implement with :data:`impl`."""

    @spec
    def wmframe_components(self) -> Iterable[Component]:
        """Yield the plugin's components.

        Example::

            @impl
            def wmframe_components():
                yield Component("encoder", "acme.mlp", target="wmframe_acme.nets:MlpEncoder")
        """
        return ()

    @spec
    def wmframe_stage_started(self, stage: str, folder: Path) -> None:
        """A stage begins or resumes; ``folder`` is where it writes.

        Example::

            @impl
            def wmframe_stage_started(stage, folder):
                print(f"{stage} writes to {folder}")
        """

    @spec
    def wmframe_stage_finished(
        self, stage: str, folder: Path, summary: Mapping[str, float]
    ) -> None:
        """A stage has reached its budget; ``summary`` holds its last metrics.

        Example::

            @impl
            def wmframe_stage_finished(stage, folder, summary):
                send_mail(f"{stage}: {summary}")
        """

    @spec
    def wmframe_checkpoint_saved(self, stage: str, folder: Path) -> None:
        """A checkpoint is complete on disk in ``folder``.

        Example::

            @impl
            def wmframe_checkpoint_saved(stage, folder):
                upload(folder)
        """

    @spec
    def wmframe_metrics(self, stage: str, record: Mapping[str, float]) -> None:
        """A metric record was logged; it carries all three counters.

        Example::

            @impl
            def wmframe_metrics(stage, record):
                if record.get("eval/return_mean", 0) > 900:
                    celebrate()
        """
