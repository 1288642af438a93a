from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

from wmframe.envs import gl
from wmframe.envs.profiles import PROFILES
from wmframe.errors import SimulatorError

gl.configure()
mujoco = pytest.importorskip("mujoco")
from wmframe.envs import screen  # noqa: E402
from wmframe.envs.mujoco import OffscreenCamera, find_camera  # noqa: E402

pytestmark = pytest.mark.gl

SCENE = """
<mujoco>
  <asset>
    <material name="floor" reflectance=".4" rgba=".3 .4 .5 1"/>
    <hfield name="hills" nrow="8" ncol="8" size="1 1 .5 .1"/>
    <mesh name="wedge" vertex="0 0 0  .5 0 0  0 .5 0  0 0 .5"/>
  </asset>
  <worldbody>
    <light pos="1 0 4" dir="-.2 0 -1" directional="true"/>
    <camera name="front" pos="0 -4 2" xyaxes="1 0 0 0 .4 1"/>
    <camera name="top" pos="0 0 5"/>
    <geom type="plane" size="3 3 .1" material="floor"/>
    <geom type="hfield" hfield="hills" pos="-1 1 0" rgba=".2 .8 .2 1"/>
    <geom type="mesh" mesh="wedge" pos="1 0 .1" rgba=".2 .2 .9 1"/>
    <body pos="0 0 1"><freejoint/><geom size=".4" rgba=".9 .2 .2 1"/></body>
  </worldbody>
</mujoco>"""


@pytest.fixture
def scene():
    model = mujoco.MjModel.from_xml_string(SCENE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


@pytest.fixture
def camera():
    made = []

    def make(model, data, name="front", render="full", size=64):
        made.append(OffscreenCamera(model, data, camera=name, size=size, render=render))
        return made[-1]

    yield make
    for one in made:
        one.close()


def error(a, b):
    return np.abs(a.astype(float) - b).mean()


def test_full_is_what_mujocos_own_renderer_draws(scene, camera):
    ours = camera(*scene).image()
    with mujoco.Renderer(scene[0], 64, 64) as renderer:
        renderer.update_scene(scene[1], "front")
        np.testing.assert_array_equal(ours, renderer.render())
    assert ours.std() > 20


def test_profiles_trade_likeness_for_speed_in_their_order(scene, camera):
    images = {render: camera(*scene, render=render).image() for render in PROFILES}
    near, fast = (error(images[render], images["full"]) for render in ("near_lossless", "fast"))
    assert near < 1 < fast < 30


@pytest.mark.parametrize("render", PROFILES)
def test_no_profile_leaves_a_trace_in_the_model(scene, camera, render):
    model = scene[0]
    before = np.zeros(mujoco.mj_sizeModel(model), np.uint8)
    after = before.copy()
    mujoco.mj_saveModel(model, None, before)
    camera(*scene, render=render)
    mujoco.mj_saveModel(model, None, after)
    np.testing.assert_array_equal(before, after)


def test_cameras_share_a_process_and_closing_one_leaves_the_others(scene, camera):
    first, second = camera(*scene), camera(*scene, name="top", render="fast", size=32)
    a, b = first.image(), second.image()
    third = camera(*scene, render="near_lossless")
    third.image()
    third.close()
    np.testing.assert_array_equal(first.image(), a)
    np.testing.assert_array_equal(second.image(), b)
    assert b.shape == (32, 32, 3)


def test_the_picture_follows_the_simulation_and_is_the_callers_to_keep(scene, camera):
    model, data = scene
    view = camera(model, data)
    before = view.image()
    kept = before.copy()
    data.qpos[0] += 1
    mujoco.mj_forward(model, data)
    assert error(view.image(), before) > 1
    np.testing.assert_array_equal(before, kept)


def test_terrain_that_changed_is_seen_once_it_is_uploaded(scene, camera):
    model, data = scene
    view = camera(model, data)
    flat = view.image()
    model.hfield_data[:] = 1.0
    np.testing.assert_array_equal(view.image(), flat)
    view.upload_terrain()
    assert error(view.image(), flat) > 1


def test_cameras_are_found_by_name_and_number_and_others_are_refused(scene):
    model = scene[0]
    assert find_camera(model, "top").fixedcamid == find_camera(model, 1).fixedcamid == 1
    assert find_camera(model, -1).type == mujoco.mjtCamera.mjCAMERA_FREE
    for wrong in ("side", 2, -2):
        with pytest.raises(SimulatorError, match="no camera") as caught:
            find_camera(model, wrong)
        assert "front, top" in caught.value.hint


def test_other_libraries_find_their_context_current_as_they_left_it(scene, camera):
    ours = camera(*scene)
    ours.image()
    with mujoco.Renderer(scene[0], 64, 64) as theirs:
        theirs.update_scene(scene[1], "top")
        expected = theirs.render()
        rectangle, pixels = mujoco.MjrRect(0, 0, 64, 64), np.empty((64, 64, 3), np.uint8)
        ours.image()
        camera(*scene, size=32).close()
        mujoco.mjr_render(rectangle, theirs.scene, theirs._mjr_context)  # without making current
        mujoco.mjr_readPixels(pixels, None, rectangle, theirs._mjr_context)
        np.testing.assert_array_equal(pixels[::-1], expected)


def test_any_thread_may_draw_with_a_camera_and_close_it(scene, camera):
    view, drawn = camera(*scene), []
    here = view.image()

    def elsewhere():
        drawn.extend([view.image(), camera(*scene, name="top").image()])

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    np.testing.assert_array_equal(drawn[0], here)
    np.testing.assert_array_equal(view.image(), here)
    closing = threading.Thread(target=view.close)
    closing.start()
    closing.join()
    with pytest.raises(SimulatorError, match="after it was closed"):
        view.image()


def test_a_camera_that_is_dropped_is_freed_without_touching_what_is_drawn_with(scene, camera):
    view = camera(*scene)
    with view._screen.current() as context:
        dropped = OffscreenCamera(*scene, camera="top", size=32, render="fast")
        view._screen._gl.make_current()
        del dropped
        gc.collect()  # as at any moment within a picture
        mujoco.mjr_render(view._rect, view._scene, context)
    assert screen._DROPPED
    np.testing.assert_array_equal(view.image(), camera(*scene).image())
    assert not screen._DROPPED
