"""Stages that break their contract fail with what to change."""

from __future__ import annotations

import pytest

from wmframe.config import Part
from wmframe.interfaces.stage import Stage
from wmframe.plugin import Component
from wmframe.testing import ConformanceError
from wmframe.testing.stages import check_stage_part


class Vague(Stage):
    """Says what it trains in a form of its own."""

    def execute(self, context):
        return {}

    def learner_setup(self):
        return {"batch": 4}


def test_what_a_stage_trains_is_said_in_the_form_that_bench_reads(monkeypatch):
    component = Component("stage", "vague", target="wmframe.interfaces.stage:Vague")
    monkeypatch.setattr("wmframe.interfaces.stage.Vague", Vague, raising=False)
    with pytest.raises(ConformanceError, match=r"vague.learner_setup\(\) returns a dict"):
        check_stage_part(Part("vague", None, component))
