"""``wmframe describe``: components, their settings, plugins."""

from __future__ import annotations

import re

import attrs
import pytest

from wmframe.cli.describing import rows_of
from wmframe.config import Part, part, parts, setting
from wmframe.plugin import Component


@attrs.frozen
class InnerConfig:
    """A group."""

    eps: float = setting(1e-8, help="added", minimum=0.0)
    scale: float = setting(1.0, help="multiplies")
    judge: Part | None = part("behavior", optional=True, help="scores")


def patient() -> InnerConfig:
    component = Component("behavior", "acme.calm", target="acme:Calm")
    return InnerConfig(scale=0.5, judge=Part("acme.calm", None, component))


@attrs.frozen
class MiddleConfig:
    """A group with a group."""

    inner: InnerConfig = attrs.field(factory=lambda: InnerConfig(eps=0.25))


@attrs.frozen
class OuterConfig:
    """Every form of a setting."""

    decoder: Part = part("decoder", help="draws")
    task: str = setting(help="what to do", choices=("push", "pull"))
    size: int = setting(64, help="pixels", minimum=8, maximum=512)
    camera: str | None = setting(None, help="name")
    inner: InnerConfig = attrs.field(factory=InnerConfig)
    slow: InnerConfig = attrs.field(factory=patient)
    middle: MiddleConfig = attrs.field(factory=lambda: MiddleConfig(InnerConfig(scale=3.0)))
    encoder: Part = part("encoder", "acme.conv", help="sees")
    bonus: Part | None = part("behavior", optional=True, help="seeks")
    trackers: tuple[Part, ...] = parts("tracker", help="record")
    writers: tuple[Part, ...] = parts("tracker", ("jsonl", "acme.page"), help="write")


@pytest.mark.parametrize(
    "row",
    [
        ("task", "string", "required", "push, pull", "what to do"),
        ("size", "integer", "64", "from 8 to 512", "pixels"),
        ("camera", 'string or "none"', "none", "", "name"),
        ("inner.eps", "number", "1e-08", "at least 0.0", "added"),
        ("inner.judge", "behavior", "none", "", "scores"),
        ("slow.scale", "number", "0.5", "", "multiplies"),
        ("slow.eps", "number", "1e-08", "at least 0.0", "added"),
        ("slow.judge", "behavior", "acme.calm", "", "scores"),
        ("middle.inner.scale", "number", "3.0", "", "multiplies"),
        ("middle.inner.eps", "number", "1e-08", "at least 0.0", "added"),
        ("encoder", "encoder", "acme.conv", "", "sees"),
        ("decoder", "decoder", "required", "", "draws"),
        ("bonus", "behavior", "none", "", "seeks"),
        ("trackers", "trackers", "none", "", "record"),
        ("writers", "trackers", "jsonl, acme.page", "", "write"),
    ],
    ids=lambda row: row[0],
)
def test_a_setting_is_shown_with_type_default_and_allowed_values(row):
    assert row in list(rows_of(OuterConfig))


def test_a_component_of_the_core_is_described_by_its_short_name(wmframe):
    outcome = wmframe("describe", "online")
    assert outcome.code == 0
    assert outcome.out.startswith("stage wmframe.online, from wmframe ")
    assert "replay.batch" in outcome.out


def test_a_plugin_is_described_by_its_components(wmframe):
    outcome = wmframe("describe", "wmframe")
    assert outcome.out.startswith("plugin wmframe, from wmframe ")
    assert re.search(r"tracker +wmframe.jsonl", outcome.out)


def test_a_component_without_settings_says_so(fresh_wmframe):
    assert "no settings" in fresh_wmframe("describe", "acme").out


def test_a_broken_plugin_is_described_with_its_cause(fresh_wmframe):
    outcome = fresh_wmframe("describe", "rotten")
    assert "broken: RuntimeError: no licence" in outcome.out
    assert "hint: fix or uninstall wmframe-rotten 1.0" in outcome.out


def test_an_unknown_name_ends_with_4_and_a_hint(wmframe):
    outcome = wmframe("describe", "onlien")
    assert outcome.code == 4
    assert "did you mean 'wmframe.online'" in outcome.err


@pytest.mark.parametrize("name", ["procgen", "procgen.wrapper"])
def test_a_name_of_a_plugin_that_is_not_installed_says_what_to_install(wmframe, name):
    outcome = wmframe("describe", name)
    assert outcome.code == 4
    assert (
        "install the package that brings plugin 'procgen', by custom wmframe-procgen" in outcome.err
    )
