"""The page of a run stands alone and shows what the run left."""

from __future__ import annotations

import errno
import os
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.figure import Figure

from wmframe.data.video import write_mp4
from wmframe.errors import RecipeError, UsageError, WmframeError
from wmframe.report.compare import compare, group_curve, group_runs
from wmframe.report.page import report_run
from wmframe.report.records import Curve
from wmframe.report.style import save

EMPTY_TAGS = {"meta", "img", "br"}


class Checker(HTMLParser):
    """Fails on tags that do not match; gathers what the page refers to."""

    def __init__(self, text):
        super().__init__()
        self.open, self.references = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.references += [value for name, value in attributes if name in ("src", "href")]
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(make_run, tmp_path_factory):
    run = make_run(tmp_path_factory.mktemp("runs") / "dreamer <&>")
    for step in (1000, 4000):
        path = run / "finetune" / "videos" / f"eval_policy_{step:09d}.mp4"
        write_mp4(path, np.full((4, 16, 16, 3), 99, np.uint8))
    return report_run(run)


def test_the_page_refers_to_nothing_outside_the_run(page):
    references = Checker(page.read_text()).references
    links = [place for place in references if not place.startswith("data:")]
    assert links == ["finetune/videos/eval_policy_000001000.mp4"]
    assert (page.parent / links[0]).is_file()


def test_the_page_shows_stages_figures_clips_recipe_and_lock(page):
    text = page.read_text()
    for expected in ("pretrain", "finetune", "4,000", "eval policy at step 4,000", "2.13.0"):
        assert expected in text
    assert text.count("data:video/mp4") == 1
    assert "slope = 1.0" in text
    assert "mean return over the evaluation episodes" in text


def test_strange_names_and_contents_are_escaped(page):
    text = page.read_text()
    assert "dreamer &lt;&amp;&gt;" in text
    assert "b &lt;c&gt;" in text


def test_pictures_for_papers_stand_beside_the_page(page):
    pictures = sorted(path.name for path in (page.parent / "pictures" / "finetune").iterdir())
    assert pictures == ["eval_policy.png", "learning.png"]


def test_the_same_run_gives_the_same_page(page):
    before = page.read_text()
    assert report_run(page.parent).read_text() == before


def test_runs_that_differ_by_seed_alone_are_one_group(make_run, tmp_path):
    runs = [make_run(tmp_path / f"a-seed{seed}", seed=seed) for seed in (1, 2)]
    runs.append(make_run(tmp_path / "b", slope=9.0))
    first, second = group_runs(runs)
    assert (first.label, len(first.curves)) == ("a", 2)
    assert (second.label, len(second.curves)) == ("b", 1)
    assert first.final.value == pytest.approx(4 + 1.5)
    assert first.final.low == pytest.approx(5.0)
    assert second.final == (36.0, 36.0, 36.0)


def test_a_digit_that_is_no_seed_stays_in_a_groups_name(make_run, tmp_path):
    runs = [make_run(tmp_path / f"reach_v{n}", seed=n) for n in (2, 3)]
    (group,) = group_runs(runs)
    assert group.label == "reach_v2, reach_v3"
    many = [make_run(tmp_path / f"run{n}", seed=n) for n in range(5)]
    assert group_runs(many)[0].label == "run0, run1, run2 and 2 more"


@pytest.mark.parametrize("name", ["a_seed{}", "a-{}", "a.s{}", "a_seed-00{}"])
def test_a_runs_own_seed_is_taken_off_its_groups_name(make_run, tmp_path, name):
    runs = [make_run(tmp_path / name.format(seed), seed=seed) for seed in (1, 12)]
    assert [group.label for group in group_runs(runs)] == ["a"]


def test_groups_of_one_name_are_told_apart_by_their_folders(make_run, tmp_path):
    runs = [make_run(tmp_path / place / "x", slope=slope) for place, slope in (("a", 1), ("b", 2))]
    assert [group.label for group in group_runs(runs)] == [f"x ({run})" for run in runs]


def test_a_damaged_recipe_of_a_run_is_named(make_run, tmp_path):
    run = make_run(tmp_path / "a")
    (run / "resolved.toml").write_text("x = [")
    with pytest.raises(RecipeError, match=r"resolved\.toml"):
        group_runs([run])


def test_a_comparison_is_a_page_of_its_own(make_run, tmp_path):
    runs = [make_run(tmp_path / f"a-seed{seed}", seed=seed) for seed in (1, 2)]
    text = compare(runs, tmp_path / "new" / "page.html").read_text()
    assert all(place.startswith("data:") for place in Checker(text).references)
    assert re.search(r"<td>a</td><td>2</td>", text)


def test_curves_of_unlike_points_meet_where_both_are_known():
    one = Curve(np.array([0.0, 10.0, 20.0]), np.array([0.0, 10.0, 20.0]))
    two = Curve(np.array([5.0, 15.0]), np.array([7.0, 17.0]))
    x, estimates = group_curve([one, two])
    assert x.tolist() == [5, 10, 15]
    assert [estimate.value for estimate in estimates] == pytest.approx([6, 11, 16])


def test_a_run_without_evaluations_cannot_be_compared(make_run, tmp_path):
    with pytest.raises(UsageError, match="never evaluated"):
        compare([make_run(tmp_path / "short", evaluations=0)], tmp_path / "page.html")
    with pytest.raises(UsageError, match="nothing to compare"):
        compare([], tmp_path / "page.html")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_picture_that_cannot_be_written_is_named(tmp_path, monkeypatch, number):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))  # as Pillow does, without the file

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(WmframeError, match=r"curve\.png could not be written") as caught:
        save(Figure(), tmp_path / "curve.png")
    assert caught.value.hint
