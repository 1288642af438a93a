"""TensorBoard reads back what was written."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from wmframe.tracking.tensorboard import TensorboardTracker
from wmframe.types import Counters

CLIP = np.random.default_rng(0).integers(0, 255, (5, 8, 12, 3), dtype=np.uint8)


def read(folder):
    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def test_scalars_stand_against_env_steps_or_else_updates(tmp_path):
    tracker = TensorboardTracker(folder=tmp_path, stage="rl")
    tracker.scalars(Counters(env_steps=40, updates=7), {"x": 1.5})
    tracker.scalars(Counters(updates=90), {"y": 2.5})
    tracker.close()
    events = read(tmp_path)
    assert [(event.step, event.value) for event in events.Scalars("x")] == [(40, 1.5)]
    assert [(event.step, event.value) for event in events.Scalars("y")] == [(90, 2.5)]


def test_a_video_is_a_gif_with_all_frames(tmp_path):
    tracker = TensorboardTracker(folder=tmp_path, stage="rl")
    tracker.video(Counters(env_steps=3), "clip", CLIP, fps=10)
    tracker.close()
    (event,) = read(tmp_path).Images("clip")
    gif = Image.open(io.BytesIO(event.encoded_image_string))
    assert (gif.format, gif.n_frames, gif.size) == ("GIF", 5, (12, 8))
    assert gif.info["duration"] == 100


def test_videos_can_be_left_out(tmp_path):
    tracker = TensorboardTracker(folder=tmp_path, stage="rl", videos=False)
    tracker.video(Counters(env_steps=3), "clip", CLIP)
    tracker.close()
    assert read(tmp_path).Tags()["images"] == []


def test_resuming_hides_what_lies_beyond(tmp_path):
    tracker = TensorboardTracker(folder=tmp_path, stage="rl")
    for step in (10, 20, 30):
        tracker.scalars(Counters(env_steps=step), {"x": float(step)})
    tracker.close()
    again = TensorboardTracker(folder=tmp_path / "resumed", stage="rl")
    again.start(Counters(env_steps=20), Counters(env_steps=100))
    again.scalars(Counters(env_steps=25), {"x": 25.0})
    again.close()
    (second,) = (tmp_path / "resumed").iterdir()
    second.rename(tmp_path / f"events.out.tfevents.9999999999.{second.name[-8:]}")  # read last
    assert [event.step for event in read(tmp_path).Scalars("x")] == pytest.approx([10, 20, 25])
