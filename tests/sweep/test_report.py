"""The page of a sweep, of runs with known numbers."""

from __future__ import annotations

import re

import pytest

from wmframe.sweep.report import report_sweep
from wmframe.sweep.state import CellState, Status
from wmframe.tracking.jsonl import JsonlTracker
from wmframe.types import Counters

TASK = "stages.train.suite.task"


@pytest.fixture
def write_cell(tmp_path):
    """Writes a cell's state and, with a last return, its records."""
    folder = tmp_path / "many <seeds>"
    (folder / "state").mkdir(parents=True)

    def write(task, seed, last=None, status=Status.DONE, message=""):
        name = f"task-{task}_seed-{seed}"
        state = CellState(name, {TASK: task, "seed": str(seed)}, status, 1, message)
        state.write(folder / "state")
        if last is not None:
            tracker = JsonlTracker(folder=folder / "cells" / name / "train", stage="train")
            for step, value in ((100, 0.0), (200, last)):
                figures = {"eval/return_mean": value, "eval/success_mean": value / 100}
                tracker.scalars(Counters(env_steps=step), figures)
            tracker.close()
        return folder

    return write


def rows(page):
    """The cells of each table row."""
    found = re.findall(r"<tr>(.*?)</tr>", page.read_text())
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in found]


def test_figures_are_aggregated_over_the_seeds_of_each_point_and_over_tasks(write_cell):
    for seed, last in enumerate([10.0, 20.0, 30.0, 40.0]):
        write_cell("low", seed, last)
        folder = write_cell("high", seed, last + 50)
    found = rows(report_sweep(folder))
    low = next(row for row in found if row and row[0] == "task = low")
    assert low[:3] == ["task = low", "4", "25"]  # the middle two of four
    success = [row[2] for row in found if row and row[0] == "task = low"][1]
    assert success == "0.25"
    high = next(row for row in found if row and row[0] == "task = high")
    assert high[2] == "75"
    both = next(row for row in found if row and row[0] == "all cells, all tasks")
    assert both[:3] == [
        "all cells, all tasks",
        "2 x 4",
        "50",
    ]  # of 10 20 30 40 60 70 80 90: 30 40 60 70


def test_only_finished_cells_count_and_the_others_are_told_with_their_message(write_cell):
    write_cell("low", 0, 10.0)
    write_cell("low", 1, 90.0, Status.FAILED, "the loss <is> gone")
    folder = write_cell("low", 2, status=Status.PENDING)
    page = report_sweep(folder)
    low = next(row for row in rows(page) if row and row[0] == "task = low")
    assert low[1:3] == ["1", "10"]
    assert "the loss &lt;is&gt; gone" in page.read_text()
    assert "many &lt;seeds&gt;" in page.read_text()
    assert "1 done, 1 pending, 1 failed" in page.read_text()


def test_tasks_with_unlike_numbers_of_runs_are_not_mixed(write_cell):
    write_cell("low", 0, 1.0)
    write_cell("low", 1, 2.0)
    folder = write_cell("high", 0, 3.0)
    both = next(
        row for row in rows(report_sweep(folder)) if row and row[0] == "all cells, all tasks"
    )
    assert both[:4] == ["all cells, all tasks", "2 x 1/2", "", "unlike numbers of runs"]


def test_more_points_than_colors_get_several_figures(write_cell):
    for number in range(8):
        folder = write_cell(f"t{number}", 0, 1.0)
    text = report_sweep(folder).read_text()
    assert text.count("<img") == 4  # two of returns, two of successes


def test_a_sweep_without_evaluations_has_its_cells(write_cell):
    text = report_sweep(write_cell("low", 0)).read_text()
    assert "<img" not in text
    assert "task-low_seed-0" in text


def test_runs_that_have_a_page_are_linked(write_cell):
    folder = write_cell("low", 0, 1.0)
    assert "<a " not in report_sweep(folder).read_text()
    (folder / "cells" / "task-low_seed-0" / "report.html").write_text("")
    assert 'href="cells/task-low_seed-0/report.html"' in report_sweep(folder).read_text()
