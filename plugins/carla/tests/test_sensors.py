from __future__ import annotations

import threading

import numpy as np
import pytest

from wmframe_carla.config import CameraConfig
from wmframe_carla.sensors import FrameQueue, SensorFault, rgb, yaws


class Picture:
    def __init__(self, frame=0, size=2, raw_data=b""):
        self.frame, self.height, self.width, self.raw_data = frame, size, size, raw_data


def test_pictures_of_earlier_frames_are_dropped():
    waiting = FrameQueue("camera 1")
    for frame in (3, 4, 5):
        waiting.put(Picture(frame))
    assert waiting.take(5, timeout=0.01).frame == 5


def test_a_picture_that_another_thread_brings_is_waited_for():
    waiting = FrameQueue("camera 1")
    thread = threading.Timer(0.05, waiting.put, [Picture(8)])
    thread.start()
    assert waiting.take(8, timeout=5.0).frame == 8
    thread.join()


def test_a_camera_that_gives_nothing_is_named_with_its_frame():
    with pytest.raises(SensorFault, match=r"camera 2 gave nothing for frame 7 in 0\.01 s"):
        FrameQueue("camera 2").take(7, timeout=0.01)


def test_old_pictures_do_not_prolong_the_wait():
    waiting = FrameQueue("camera 1")
    waiting.put(Picture(1))
    with pytest.raises(SensorFault, match="nothing"):
        waiting.take(2, timeout=0.01)


def test_a_picture_of_a_later_frame_is_a_fault():
    waiting = FrameQueue("camera 1")
    waiting.put(Picture(9))
    with pytest.raises(SensorFault, match="gave frame 9, not frame 8"):
        waiting.take(8, timeout=1.0)


def test_blue_green_red_alpha_becomes_red_green_blue():
    bgra = np.arange(16, dtype=np.uint8)
    picture = rgb(Picture(raw_data=bgra.tobytes()))
    assert picture.shape == (2, 2, 3)
    assert picture[0, 0].tolist() == [2, 1, 0] and picture[1, 1].tolist() == [14, 13, 12]


def test_cameras_look_from_left_to_right_a_width_apart():
    assert yaws(CameraConfig(count=1)) == [0.0]
    assert yaws(CameraConfig(count=5, fov=60.0)) == [-120.0, -60.0, 0.0, 60.0, 120.0]
