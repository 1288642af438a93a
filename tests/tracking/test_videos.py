"""Videos as files, with what can go wrong in the writing thread."""

from __future__ import annotations

import numpy as np
import pytest

from wmframe.tracking.videos import VideoFiles
from wmframe.types import Counters

CLIP = np.full((3, 8, 8, 3), 200, np.uint8)


def names(folder):
    return sorted(path.name for path in (folder / "videos").iterdir())


def test_a_stage_without_a_simulator_counts_updates(tmp_path):
    files = VideoFiles(folder=tmp_path, stage="pretrain")
    files.video(Counters(updates=300), "open_loop", CLIP)
    files.close()
    assert names(tmp_path) == ["open_loop_000000300.mp4"]


def test_resuming_deletes_the_videos_beyond(tmp_path):
    files = VideoFiles(folder=tmp_path, stage="rl")
    for step in (10, 20, 30):
        files.video(Counters(env_steps=step), "clip", CLIP)
    files.close()
    (tmp_path / "videos" / "clip_000000040.partial").write_bytes(b"torn")
    VideoFiles(folder=tmp_path, stage="rl").start(Counters(env_steps=20), Counters())
    assert names(tmp_path) == ["clip_000000010.mp4", "clip_000000020.mp4"]


def test_the_caller_may_reuse_its_frames(tmp_path):
    from wmframe.data.video import sample_frames

    files = VideoFiles(folder=tmp_path, stage="rl")
    frames = CLIP.copy()
    files.video(Counters(), "clip", frames)
    frames[:] = 0
    files.close()
    assert sample_frames(tmp_path / "videos" / "clip_000000000.mp4", 1).mean() > 150


def test_what_fails_in_the_thread_is_raised_on_closing(tmp_path):
    files = VideoFiles(folder=tmp_path, stage="rl")
    files.video(Counters(), "clip", np.zeros((0, 8, 8, 3), np.uint8)[:, :0])
    with pytest.raises(Exception, match=r".+"):
        files.close()
