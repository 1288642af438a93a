"""Acting is measured with real and with blank simulators, which look the same."""

from __future__ import annotations

import pytest

from wmframe.bench import acting
from wmframe.bench.acting import ActingCase, measure_acting
from wmframe.errors import UsageError
from wmframe.nn.precision import resolve_precision


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(acting, "SECONDS", 0.05)


@pytest.mark.parametrize("policy", ["train", "eval", "random"])
def test_a_line_for_each_number_of_simulators_real_and_blank(recipe, policy):
    explored = resolve_precision("auto", "cpu") if policy == "train" else "float32"
    lines = list(measure_acting(ActingCase(recipe, policy=policy), (1, 3), rounds=2))
    cases = [f"toy {n} {kind} {policy}" for n in (1, 3) for kind in ("real", "blank")]
    assert [line["case"] for line in lines] == cases
    for line in lines:
        assert line["figures"] == 2
        assert line["turn_ms"]["p95"] >= line["turn_ms"]["median"] > line["policy_ms"]["median"] > 0
        assert line["median"] > 0
        assert (line["unit"], line["precision"]) == ("decisions/s", explored)


def test_a_stage_that_does_not_act_is_refused(recipe):
    with pytest.raises(UsageError, match="no stage") as raised:
        list(measure_acting(ActingCase(recipe, stage="judge"), (1,), 1))
    assert "train" in raised.value.hint
