"""PSNR and SSIM against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from wmframe.stages.evaluation.quality import psnr, ssim


@pytest.fixture
def pair():
    """A smooth picture and a noisy copy, [H, W, C] in [0, 1]."""
    torch.manual_seed(0)
    rows, columns = torch.meshgrid(
        torch.linspace(0, 3, 20), torch.linspace(0, 2, 18), indexing="ij"
    )
    picture = torch.stack([rows.sin(), columns.cos() / 2, (rows * columns) / 6], -1).clamp(0, 1)
    return picture, (picture + 0.1 * torch.randn_like(picture)).clamp(0, 1)


def test_psnr_of_a_known_error():
    black, grey = torch.zeros(4, 8, 8, 3), torch.full((4, 8, 8, 3), 0.1)
    assert psnr(black, grey).tolist() == pytest.approx([20.0] * 4)


def test_equal_pictures_have_the_highest_marks(pair):
    picture, _ = pair
    assert psnr(picture, picture).item() == pytest.approx(100.0)
    assert ssim(picture, picture).item() == pytest.approx(1.0, abs=1e-6)


def test_ssim_is_that_of_its_paper(pair):
    """Wang et al. 2004, equations 13 to 16, window after window."""
    x, y = (picture.double().numpy() for picture in pair)
    place = np.arange(11) - 5
    line = np.exp(-(place**2) / (2 * 1.5**2))
    weight = np.outer(line, line) / line.sum() ** 2
    found = []
    for row in range(x.shape[0] - 10):
        for column in range(x.shape[1] - 10):
            for channel in range(3):
                a = x[row : row + 11, column : column + 11, channel]
                b = y[row : row + 11, column : column + 11, channel]
                mean_a, mean_b = (weight * a).sum(), (weight * b).sum()
                var_a = (weight * (a - mean_a) ** 2).sum()
                var_b = (weight * (b - mean_b) ** 2).sum()
                both = (weight * (a - mean_a) * (b - mean_b)).sum()
                top = (2 * mean_a * mean_b + 1e-4) * (2 * both + 9e-4)
                found.append(top / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4)))
    assert ssim(*pair).item() == pytest.approx(np.mean(found), abs=1e-4)


def test_each_picture_of_a_clip_is_judged_alone(pair):
    picture, noisy = pair
    clip = torch.stack([picture, noisy]).expand(3, 2, *picture.shape)
    truth = picture.expand_as(clip)
    for measure in (psnr, ssim):
        marks = measure(truth, clip)
        assert marks.shape == (3, 2)
        assert (marks[:, 0] > marks[:, 1]).all()
        assert marks[0, 1].item() == pytest.approx(measure(picture, noisy).item(), abs=1e-5)


def test_pictures_smaller_than_the_window_are_judged_too():
    picture = torch.rand(2, 8, 8, 3)
    marks = ssim(picture, (picture + 0.01).clamp(0, 1))
    assert ((marks > 0.9) & (marks < 1)).all()
