"""What is packed is compared with what the publisher counts, when packing and later."""

from __future__ import annotations

import pytest

from wmframe.bench.videos import ArrayVideos, write_videos
from wmframe.data.shards import ShardSet, pack
from wmframe.data.shards.counts import remarks
from wmframe.data.shards.dataset import Shards
from wmframe.data.shards.summary import summarize
from wmframe.interfaces import Counts


class Published(ArrayVideos):
    """Four videos are published, of 26 frames."""

    def expected(self, root, split):
        return Counts(4, 26)


@pytest.mark.parametrize(
    ("found", "expected", "bad", "said"),
    [
        (Counts(5, 50), None, 0, []),
        (Counts(5, 50), Counts(5, 50), 1, []),
        (Counts(5, 50), Counts(5), 0, []),
        (Counts(1200), Counts(1300), 0, ["1,200 of 1,300 published videos, 100 too few; usually"]),
        (Counts(3), Counts(9), 2, ["3 of 9 published videos, 6 too few; 2 are bad, of the others"]),
        (Counts(3), Counts(5), 2, ["3 of 5 published videos, 2 too few; they are bad"]),
        (
            Counts(6),
            Counts(5),
            0,
            ["6 videos, 1 more than the published 5; usually something else"],
        ),
        (
            Counts(5, 40),
            Counts(5, 50),
            0,
            ["every video, but 40 frames for 50 published, 10 too few"],
        ),
        (
            Counts(5, 60),
            Counts(5, 50),
            0,
            ["every video, but 60 frames for 50 published, 10 too many"],
        ),
    ],
)
def test_it_is_said_how_many_are_missing_or_too_many(found, expected, bad, said):
    answer = remarks(found, expected, bad)
    assert len(answer) == len(said)
    assert all(text.startswith(start) for text, start in zip(answer, said, strict=True))


def test_shards_remember_what_was_expected_also_when_packed_again(tmp_path):
    write_videos(tmp_path / "raw" / "train", [5, 6, 7])
    one = pack(Published(), tmp_path / "raw", tmp_path / "one", size=16, processes=0)
    assert one.expected == Counts(4, 26)
    two = pack(Shards(), tmp_path / "one", tmp_path / "two", size=8, processes=0)
    assert two.expected == Counts(4, 26)
    (remark,) = summarize(ShardSet(two.folder)).remarks
    assert remark.startswith("3 of 4 published videos, 1 too few")
    write_videos(tmp_path / "raw" / "train", [5, 6, 7, 8])
    pack(Published(), tmp_path / "raw", tmp_path / "one", size=16, processes=0)
    assert summarize(ShardSet(one.folder)).remarks == []
