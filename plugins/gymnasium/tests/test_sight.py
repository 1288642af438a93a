"""What is seen of observation spaces."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from wmframe.errors import SimulatorError
from wmframe_gymnasium.sight import MIN_SIDE, Sight, rendered, square

PICTURE = spaces.Box(0, 255, (40, 50, 3), np.uint8)
CODES = spaces.Box(0, 255, (7, 7, 3), np.uint8)


def sight(space, images=True, min_side=MIN_SIDE, vectors=True, size=16):
    return Sight(space, images=images, min_side=min_side, vectors=vectors, size=size)


def shapes(space, **settings):
    return {key: part.shape for key, part in sight(space, **settings).spaces().items()}


def test_every_kind_of_array_becomes_a_vector_under_its_name():
    space = spaces.Dict(
        {
            "goal": spaces.Dict(arm=spaces.Box(-1, 1, (2, 2), np.float64)),
            "pair": spaces.Tuple([spaces.Discrete(3, start=1), spaces.MultiBinary(2)]),
            "dials": spaces.MultiDiscrete([2, 3]),
        }
    )
    value = {
        "goal": {"arm": np.arange(4.0).reshape(2, 2)},
        "pair": (2, np.array([1, 0], np.int8)),
        "dials": np.array([1, 0]),
    }
    look = sight(space)
    seen = look(value)
    assert spaces.Dict(look.spaces()).contains(seen)
    assert {key: list(vector) for key, vector in seen.items()} == {
        "goal/arm": [0, 1, 2, 3],
        "pair/0": [0, 1, 0],
        "pair/1": [1, 0],
        "dials": [0, 1, 1, 0, 0],
    }


def test_a_bare_vector_is_called_observation_and_texts_are_left_out():
    assert shapes(spaces.Box(-1, 1, (3,))) == {"observation": (3,)}
    assert shapes(spaces.Dict(x=spaces.Discrete(2), mission=spaces.Text(5))) == {"x": (2,)}


def test_names_that_rows_need_are_not_taken_by_vectors():
    space = spaces.Dict(image=CODES, reward=spaces.Discrete(2), is_first=spaces.Discrete(2))
    assert shapes(space) == {"obs_image": (147,), "obs_is_first": (2,), "obs_reward": (2,)}


def test_pictures_are_no_vectors_and_grids_of_codes_are_no_pictures():
    space = spaces.Dict(camera=PICTURE, grid=CODES)
    assert shapes(space) == {"image": (16, 16, 3), "grid": (147,)}
    assert shapes(space, images=False) == {"grid": (147,)}
    assert shapes(space, min_side=1) == {"image": (16, 16, 3), "grid": (16, 16, 3)}


def test_the_picture_called_image_stays_that_beside_others():
    space = spaces.Dict(a=PICTURE, image=PICTURE)
    assert list(sight(space).spaces()) == ["a", "image"]
    assert list(sight(spaces.Dict(a=PICTURE, b=PICTURE)).spaces()) == ["image", "b"]


@pytest.mark.parametrize("shape", [(40, 50), (40, 50, 1)])
def test_grey_pictures_have_one_channel(shape):
    space = spaces.Box(0, 255, shape, np.uint8)
    seen = sight(space)(np.full(shape, 7, np.uint8))["image"]
    assert seen.shape == (16, 16, 1)
    assert (seen == 7).all()


@pytest.mark.parametrize("space", [spaces.Box(0, 1, (40, 40, 3)), spaces.Box(0, 9, (3, 40, 40))])
def test_floats_and_channels_first_are_no_pictures(space):
    assert not sight(space).has_image


def test_pictures_are_squashed_not_cropped_and_averaged():
    wide = np.zeros((64, 128, 3), np.uint8)
    wide[:, 64:] = 200
    small = square(wide, 32)
    assert small.shape == (32, 32, 3)
    assert (small[:, :14] == 0).all() and (small[:, 18:] == 200).all()
    stripes = np.tile(np.array([[0], [200]], np.uint8), (32, 64))
    assert abs(int(square(stripes, 16)[8, 8, 0]) - 100) < 10  # not one of the two


def test_codes_are_enlarged_without_mixing():
    codes = np.arange(49, dtype=np.uint8).reshape(7, 7)
    assert set(np.unique(square(codes, 64))) == set(range(49))


@pytest.mark.parametrize("frame", [None, [], np.zeros((8, 8)), np.zeros((8, 8), np.uint8)])
def test_what_is_no_rgb_picture_is_refused_when_rendered(frame):
    with pytest.raises(SimulatorError, match="no RGB picture"):
        rendered(frame, 8)
    assert rendered(np.zeros((9, 9, 4), np.uint8), 8).shape == (8, 8, 3)
