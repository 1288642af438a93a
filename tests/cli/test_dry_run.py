"""``wmframe run --dry-run``: the plan and what it would take."""

from __future__ import annotations

import pytest

from wmframe.cli.dry_run import echo_estimate, in_units
from wmframe.types import Estimate

RECIPE = """
[stages.judge]
use = "evaluate"
source = "runs/x"
"""


def test_it_shows_the_plan_and_writes_nothing(wmframe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = tmp_path / "judge.toml"
    recipe.write_text(RECIPE)
    outcome = wmframe("run", str(recipe), "--dry-run")
    assert outcome.out.splitlines() == ["writes to runs/judge", "  judge = wmframe.evaluate"]
    assert list(tmp_path.iterdir()) == [recipe]


def test_what_a_stage_knows_is_shown_in_aligned_columns(capsys):
    echo_estimate(Estimate(parameters={"net": 90, "all": 1234}, memory={"a batch": 4096}))
    assert capsys.readouterr().out.splitlines() == [
        "    parameters",
        "      net     90",
        "      all  1,234",
        "    memory on the device, without activations",
        "      a batch  4.1 kB",
    ]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (3_080_000_000, "3.08 GB"),
        (5e15, "5e+03 TB"),
    ],
)
def test_bytes_are_rounded_to_three_digits(size, text):
    assert in_units(size) == text
