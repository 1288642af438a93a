"""docs/metrics.md tells of every metric that the core records."""

from __future__ import annotations

from pathlib import Path

import pytest

from wmframe.tracking.names import COUNTERS, METRICS, docs_row, find

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


@pytest.mark.parametrize("metric", [*COUNTERS, *METRICS], ids=lambda metric: metric.name)
def test_docs_list_every_metric_with_unit_and_meaning(metric):
    assert docs_row(metric) in DOCS.read_text().splitlines()


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("eval/return_mean", "eval/return_mean"),
        ("eval/success_mean", "eval/<score>_mean"),
        ("episode/success", "episode/<score>"),
        ("train/kl_loss", "train/<loss>"),
    ],
)
def test_a_name_is_found_exactly_or_by_its_pattern(name, entry):
    assert find(name).name == entry


def test_a_name_that_no_entry_covers_is_not_found():
    assert find("eval/return_median/x") is None
