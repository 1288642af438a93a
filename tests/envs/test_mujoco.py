from __future__ import annotations

import numpy as np
import pytest

from wmframe.envs import gl
from wmframe.envs.profiles import PROFILES
from wmframe.errors import SimulatorError

gl.configure()
mujoco = pytest.importorskip("mujoco")
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
