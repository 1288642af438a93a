"""Videos, splits and labels are found in the publisher's layout and in its usual variants."""

from __future__ import annotations

import json
import shutil

import pytest

from wmframe.errors import DamagedError, MissingError, UsageError
from wmframe.interfaces.dataset import Counts
from wmframe_something_something.annotations import names_of
from wmframe_something_something.survey import URL, survey

NAMES = (
    "Holding something next to something",
    "Pushing something from left to right",
    "Pushing something from right to left",
)
HERE = "20bn-something-something-v2"


def keys(videos):
    return [video.key for video in videos]


def test_splits_and_labels_are_the_publishers(root, make_dataset):
    dataset = make_dataset()
    train = dataset.videos(root, "train")
    assert keys(train) == ["11", "7", "23", "40"]
    assert [video.label for video in train] == [NAMES[1], NAMES[0], NAMES[2], NAMES[1]]
    assert keys(dataset.videos(root, "val")) == ["5", "90"]
    with pytest.raises(MissingError, match="no split 'test'"):
        dataset.videos(root, "test")


def test_older_names_and_other_folders_are_found_too(root, make_dataset, trees):
    shutil.rmtree(root / "labels")
    trees.write_labels(root, prefix="something-something-v2-")
    (root / HERE).rename(root / "videos")
    assert keys(make_dataset().videos(root, "train")) == ["11", "7", "23", "40"]


def test_the_reference_s_lists_and_frames_say_the_same(root, make_dataset, tmp_path, trees):
    made = tmp_path / "made"
    trees.write_all_frames(made, trees.FRAMES)
    trees.write_lists(made)
    dataset = make_dataset()
    for split in ("train", "val"):
        published, listed = dataset.videos(root, split), dataset.videos(made, split)
        assert [(v.key, v.label) for v in published] == [(v.key, v.label) for v in listed]
        assert [video.stop for video in listed] == [trees.FRAMES[video.key] for video in listed]
        assert {video.stop for video in published} == {None}


def test_a_list_without_names_gives_numbers_as_labels(root, make_dataset, trees):
    shutil.rmtree(root / "labels")
    trees.write_lists(root)
    (root / "category.txt").unlink()
    videos = make_dataset(labels=[1]).videos(root, "train")
    assert [(video.key, video.label) for video in videos] == [("11", "1"), ("40", "1")]
    with pytest.raises(MissingError, match=r"category\.txt"):
        make_dataset(labels=[NAMES[1]]).videos(root, "train")


def test_a_list_that_is_named_goes_before_the_publishers_files(root, make_dataset, trees):
    rows = [
        f"{key} {trees.FRAMES[key]} {n}"
        for labels in trees.SPLITS.values()
        for key, n in labels.items()
    ]
    (root / "both.txt").write_text("\n".join(rows) + "\n\n")
    assert len(make_dataset(train_list="both.txt").videos(root, "train")) == 6
    outside = root.parent / "outside.txt"
    outside.write_text(rows[0])
    assert keys(make_dataset(train_list=str(outside)).videos(root, "train")) == ["11"]
    with pytest.raises(MissingError, match=r"nowhere\.txt is not there"):
        make_dataset(val_list="nowhere.txt").videos(root, "val")


@pytest.mark.parametrize(
    "labels",
    [[1], ["1"], [NAMES[1]], [NAMES[1].upper()], ["Pushing [something] from left to right"]],
)
def test_labels_are_chosen_by_number_or_name(root, make_dataset, labels):
    assert keys(make_dataset(labels=labels).videos(root, "train")) == ["11", "40"]
    both = make_dataset(labels=[*labels, 0]).videos(root, "train")
    assert keys(both) == ["11", "7", "40"]


@pytest.mark.parametrize(
    ("label", "hint"),
    [(3, "0 to 2"), ("Pushing something from left", "did you mean")],
)
def test_a_label_that_does_not_exist_is_refused(root, make_dataset, label, hint):
    with pytest.raises(UsageError, match="there is no label") as caught:
        make_dataset(labels=[label]).videos(root, "train")
    assert hint in caught.value.hint


def test_numbers_need_the_file_that_numbers_the_labels(root, make_dataset):
    (root / "labels" / "labels.json").unlink()
    assert keys(make_dataset(labels=[NAMES[1]]).videos(root, "train")) == ["11", "40"]
    with pytest.raises(MissingError, match=r"labels\.json"):
        make_dataset(labels=[1]).videos(root, "train")


def test_videos_that_are_not_unpacked_yet_are_counted_and_left_out(root, make_dataset):
    (root / HERE / "7.webm").unlink()
    with pytest.warns(UserWarning, match=r"1 of 4 listed videos are not below .*such as 7;"):
        assert keys(make_dataset().videos(root, "train")) == ["11", "23", "40"]


def test_the_published_counts_are_expected_of_whole_splits(root, make_dataset):
    assert make_dataset().expected(root, "train") == Counts(168_913)
    assert make_dataset(labels=[93]).expected(root, "train") is None
    listed = make_dataset(val_list="mine.txt")
    assert listed.expected(root, "val") is None
    assert listed.expected(root, "train") == Counts(168_913)
    card = make_dataset().card()
    assert "168,913" in card["splits"]
    assert card["source"] == URL


def test_the_source_says_whether_videos_or_frames_are_read(root, make_dataset, trees):
    trees.write_all_frames(root, ["11", "7"])
    (root / HERE / "7.webm").unlink()
    paths = [video.path for video in make_dataset().videos(root, "train")]
    assert paths[:2] == [root / HERE / "11.webm", root / "frames-64" / "7"]
    with pytest.warns(UserWarning, match="2 of 4"):
        found = make_dataset(source="frames").videos(root, "train")
    assert [video.path for video in found] == [root / "frames-64" / "11", root / "frames-64" / "7"]


def test_what_is_missing_is_named_with_where_to_get_it(root, make_dataset):
    dataset = make_dataset()
    with pytest.raises(MissingError, match="is no folder"):
        dataset.videos(root / "nowhere", "train")
    (root / "labels" / "validation.json").unlink()
    assert len(dataset.videos(root, "train")) == 4
    with pytest.raises(MissingError, match=r"no validation\.json") as caught:
        dataset.videos(root, "val")
    assert URL in caught.value.hint
    assert "val_list" in caught.value.hint
    shutil.rmtree(root / HERE)
    with pytest.raises(MissingError, match=r"no files ID\.webm or folders ID") as caught:
        dataset.videos(root, "train")
    assert URL in caught.value.hint
    (root / "20bn-something-something-v2-00").touch()
    with pytest.raises(MissingError) as caught:
        dataset.videos(root, "train")
    assert caught.value.hint.startswith(f"unpack the parts in {root}")


def test_videos_of_something_else_are_not_taken_for_these(root, make_dataset):
    for path in (root / HERE).iterdir():
        path.rename(path.with_stem(f"9{path.stem}"))
    with pytest.raises(MissingError, match="all 4 listed videos are not below"):
        make_dataset().videos(root, "train")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("train.json", "{", "is no JSON"),
        ("train.json", '[{"id": "11"}]', "'template' is missing"),
        ("train.json", '{"11": 1}', "expected an array, found a table"),
        ("train.json", '[{"id": "11", "template": "a"}, {"id": 11, "template": "a"}]', "11 twice"),
        ("labels.json", '{"a": "0", "b": "2"}', "does not number the labels"),
        ("labels.json", '["a", "b"]', "expected a table, found an array"),
    ],
)
def test_label_files_of_another_form_are_named(root, make_dataset, file, content, message, trees):
    (root / "labels" / file).write_text(content)
    with pytest.raises(DamagedError, match=message) as caught:
        make_dataset().videos(root, "train")
    assert str(root / "labels" / file) in caught.value.message
    assert URL in caught.value.hint or "remove" in caught.value.hint


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("11 9", r"train_video_folder\.txt:2: '11 9' is not ID FRAMES LABEL"),
        ("11 nine 1", "is not ID FRAMES LABEL"),
        ("11 -9 1", "is not ID FRAMES LABEL"),
        ("11 9 1 1", "is not ID FRAMES LABEL"),
        ("11 9 3", "label 3 is not one of 0 to 2"),
        ("7 9 1", "7 is listed twice"),
    ],
)
def test_wrong_rows_of_a_list_are_named(root, make_dataset, row, message, trees):
    shutil.rmtree(root / "labels")
    trees.write_lists(root)
    (root / "train_video_folder.txt").write_text(f"7 12 0\n{row}\n")
    with pytest.raises(DamagedError, match=message):
        make_dataset().videos(root, "train")


def test_numbers_of_labels_follow_the_file_not_its_order(root):
    numbers = {name: str(number) for number, name in reversed(list(enumerate(NAMES)))}
    (root / "labels" / "labels.json").write_text(json.dumps(numbers))
    assert names_of(survey(root)) == NAMES
