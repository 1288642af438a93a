"""Several cameras in one open-loop picture."""

from __future__ import annotations

import pytest
import torch

from wmframe.models.predict import side_by_side
from wmframe.types import TensorSpec


def clip(channels, height=4, width=4, value=0.25):
    return torch.full((1, 2, channels, height, width), value)


def test_cameras_of_one_kind_stand_side_by_side_as_they_are():
    joined = side_by_side([clip(1, value=0.1), clip(1, value=0.2)])
    assert joined.shape == (1, 2, 1, 4, 8)
    assert joined[0, 0, 0, 0].tolist() == pytest.approx([0.1] * 4 + [0.2] * 4)


@pytest.mark.parametrize(("channels", "width"), [(1, 4), (2, 4), (4, 4), (6, 8)])
def test_a_camera_beside_one_in_colour_becomes_rgb(channels, width):
    joined = side_by_side([clip(3), clip(channels, value=-0.1)])
    assert joined.shape == (1, 2, 3, 4, 4 + width)
    assert torch.equal(joined[..., :4], clip(3))
    assert torch.equal(joined[..., 4:], clip(3, width=width, value=-0.1))


def test_a_lower_camera_is_filled_up_with_black():
    joined = side_by_side([clip(3), clip(1, height=2, width=6)])
    assert joined.shape == (1, 2, 3, 4, 10)
    assert (joined[..., 2:, 4:] == -0.5).all() and (joined[..., :2, :] == 0.25).all()


def test_an_agent_predicts_a_grey_camera_beside_one_in_colour(make_agent, make_batch):
    obs = {"grey": TensorSpec((64, 64, 1), "uint8"), "image": TensorSpec((64, 64, 3), "uint8")}
    every = {"depth": 2, "image_keys": ".*"}
    agent = make_agent(obs=obs, encoder=every, decoder=every)
    batch = make_batch()
    video = agent.predict({**batch, "grey": batch["image"][..., :1]}, observed_steps=2)
    for clips in video.values():
        assert clips.shape[2:] == (64, 128, 3)
