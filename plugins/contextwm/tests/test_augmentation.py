"""Augmentations of the context frame."""

from __future__ import annotations

import pytest
import torch

from wmframe.nn.noise import Noise
from wmframe_contextwm.augmentation import augment
from wmframe_contextwm.config_nets import AUGMENTATIONS

NOISE = Noise()


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_shape_dtype_and_range_stay(name):
    image = (torch.rand(16, 3, 64, 64) - 0.5).contiguous(memory_format=torch.channels_last)
    found = augment(name, image, NOISE)
    assert (found.shape, found.dtype) == (image.shape, image.dtype)
    assert found.abs().max() <= 0.5
    assert torch.equal(found, image) == (name == "none")


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_the_same_draws_give_the_same_images(name):
    image = torch.rand(4, 3, 16, 16) - 0.5
    torch.manual_seed(3)
    first = augment(name, image, NOISE)
    torch.manual_seed(3)
    assert torch.equal(first, augment(name, image, NOISE))


@pytest.mark.parametrize(("name", "pixels"), [("shift", 8), ("shift4", 4)])
def test_shifts_reach_their_limit_and_repeat_the_border(name, pixels):
    ramp = torch.arange(64.0).expand(3, 64, 64)
    image = torch.stack([ramp, ramp.transpose(1, 2)], 0).repeat(400, 1, 1, 1)
    moved = augment(name, image, NOISE)
    across = (moved[::2] - image[::2])[:, 0, 32, 32]
    assert set(across.tolist()) == set(range(-pixels, pixels + 1))
    down = (moved[1::2] - image[1::2])[:, 0, 32, 32]
    assert set(down.tolist()) == set(range(-pixels, pixels + 1))
    assert moved.min() == 0
    assert moved.max() == 63


def test_half_of_the_images_are_mirrored():
    image = torch.rand(400, 1, 4, 4)
    flipped = augment("flip", image, NOISE)
    mirrored = (flipped == image.flip(-1)).flatten(1).all(1)
    untouched = (flipped == image).flatten(1).all(1)
    assert (mirrored ^ untouched).all()
    assert 150 < int(mirrored.sum()) < 250


def test_boxes_are_erased_as_the_reference_does():
    """Half of the images; 2 to 33 % of the area; sides within 3.3 of each other; mid-grey."""
    image = torch.full((2000, 1, 64, 64), 0.5)
    erased = augment("erasing", image, NOISE) == 0
    touched = erased.flatten(1).any(1)
    assert 900 < int(touched.sum()) < 1100
    boxes = erased[touched, 0]
    heights, widths = boxes.any(2).sum(1).float(), boxes.any(1).sum(1).float()
    assert torch.equal(boxes.flatten(1).sum(1).float(), heights * widths)  # whole rectangles
    area, aspect = heights * widths / 64**2, heights / widths
    assert 0.015 < area.min() < 0.03
    assert 0.31 < area.max() < 0.35
    assert abs(area.mean() - 0.175) < 0.01
    assert abs((aspect > 1).float().mean() - 0.5) < 0.05
    assert aspect.min() > 0.27
    assert aspect.max() < 3.7


def test_crops_are_blown_up_from_inside_the_image():
    ramp = torch.linspace(-0.5, 0.5, 64).expand(500, 1, 64, 64)
    found = augment("scale", ramp, NOISE)
    span = found[:, 0, 32, -1] - found[:, 0, 32, 0]
    assert (span > 0).all()
    assert span.min() < 0.45  # of 8 % of the area, at aspect 3 : 4, a side is 0.25
    assert span.max() > 0.9
