"""Each factor of ``vary`` changes what it should and nothing else."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from wmframe_dmc_remastered.config import VARY
from wmframe_dmc_remastered.domains import DOMAINS
from wmframe_dmc_remastered.looks import draw_look
from wmframe_dmc_remastered.scene import VISIBLE, Scene, wear
from wmframe_dmc_remastered.textures import Procedural

VISIBLY = {  # factor: a task in which it shows, and by how much of 255 in 8x8 mean colours
    "bg": ("walker_walk", 30),
    "floor": ("walker_walk", 30),
    "body": ("walker_walk", 5),
    "target": ("fish_swim", 5),
    "reflectance": ("cheetah_run", 5),
    "camera": ("walker_walk", 1),
    "light": ("walker_walk", 4),
}


@pytest.mark.gl
@pytest.mark.parametrize("factor", VARY)
def test_a_factor_alone_shows(make, picture, differs, factor):
    task, least = VISIBLY[factor]
    render = "near_lossless" if factor == "reflectance" else "fast"  # fast draws no reflections
    env = make(task, vary=(factor,), render=render)
    default, changed, other = (picture(env, seed) for seed in (0, 1, 2))
    assert differs(default, changed) > least
    assert differs(changed, other) > 0


@pytest.mark.gl
def test_with_nothing_to_vary_every_seed_shows_the_default(make, picture):
    env = make(vary=())
    np.testing.assert_array_equal(picture(env, 0), picture(env, 77))


@pytest.mark.gl
def test_the_camera_of_the_hopper_can_be_fixed_as_contextwm_did(make, picture):
    fixed, moving = make("hopper_hop", fixed_camera=True), make("hopper_hop")
    places = []
    for env in (fixed, moving):
        picture(env, 0)
        default = env._model.cam_pos[0].copy()
        picture(env, 9)
        places.append(np.array_equal(default, env._model.cam_pos[0]))
    assert places == [True, False]
    others = make("hopper_hop", vary=tuple(name for name in VARY if name != "camera"))
    np.testing.assert_array_equal(picture(fixed, 9), picture(others, 9))


def changes(default, scene, domain, factor, seed):
    """The fields in which one factor changes the default model, by their prefix."""
    look = scene.model(draw_look(seed, domain, [factor]), Procedural())
    fields = [name for name in VISIBLE if not _same(getattr(default, name), getattr(look, name))]
    found = {name.partition("_")[0] + "_" + name.split("_")[1][:4] for name in fields}
    if not _same(default.vis.headlight.ambient, look.vis.headlight.ambient):
        found.add("headlight")
    if default.tex_width.tolist() != look.tex_width.tolist():
        found.add("textures")
    return found


def _same(one, other):
    return one.shape == other.shape and bool((one == other).all())


EXPECTED = {
    "bg": {"textures"},
    "floor": {"textures"},
    "body": {"mat_rgba"},
    "target": {"mat_rgba"},
    "reflectance": {"mat_refl"},
}


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_factor_changes_its_own_fields_of_the_model(domain):
    scene = Scene(domain)
    default = scene.model(draw_look(0, domain, VARY), Procedural())
    found = partial(changes, default, scene, domain, seed=4)
    for factor, expected in EXPECTED.items():
        if (domain, factor) == ("fish", "bg"):  # has a sky of its own, in the reference, too
            expected = set()
        assert found(factor=factor) == expected, factor
    assert all(name.startswith("cam_") for name in found(factor="camera"))
    light = found(factor="light")
    assert "headlight" in light
    assert ("light_pos" in light) == (domain not in ("hopper", "walker"))


def test_negative_seeds_recolour_only_what_is_varied():
    scene = Scene("cartpole")
    default = scene.model(draw_look(0, "cartpole", VARY), Procedural())
    for factor, changed in (("bg", {"skybox"}), ("floor", {"grid"}), ("body", set())):
        look = scene.model(draw_look(-5, "cartpole", [factor]), Procedural())
        differing = [
            index
            for index in range(default.ntex)
            if not _same(_texture(default, index), _texture(look, index))
        ]
        assert {default.tex(index).name for index in differing} == changed


def _texture(model, index):
    begin = model.tex_adr[index]
    length = model.tex_height[index] * model.tex_width[index] * model.tex_nchannel[index]
    return model.tex_data[begin : begin + length]


def test_the_default_look_is_dm_controls_but_for_what_the_reference_changed():
    for domain, camera in (("ball_in_cup", (0, -1, 0.9)), ("pendulum", (0.1, -1, 1.5))):
        model = Scene(domain).model(draw_look(0, domain, VARY), Procedural())
        np.testing.assert_allclose(model.cam_pos[0], camera)
    reacher = Scene("reacher").model(draw_look(0, "reacher", VARY), Procedural())
    np.testing.assert_allclose(reacher.light_pos[0], (0, 0, 0.5))
    cheetah = Scene("cheetah").model(draw_look(0, "cheetah", VARY), Procedural())
    np.testing.assert_allclose(cheetah.geom("ground").size, (100, 15, 0.5))
    np.testing.assert_allclose(cheetah.mat("grid").texrepeat, (3, 3))


def test_wearing_a_look_leaves_physics_alone():
    scene = Scene("walker")
    worn = scene.model(draw_look(0, "walker", VARY), Procedural())
    before = {name: np.copy(getattr(worn, name)) for name in PHYSICS}
    wear(worn, scene.model(draw_look(5, "walker", VARY), Procedural()))
    for name, values in before.items():
        np.testing.assert_array_equal(values, getattr(worn, name), err_msg=name)


PHYSICS = ("body_mass", "geom_size", "geom_friction", "dof_damping", "actuator_gear", "qpos0")
