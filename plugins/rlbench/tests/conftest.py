"""Episodes as DreamerV2's replay saves them."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def write_episode():
    """Writes an episode as DreamerV2 does; returns its pictures."""

    def write(folder, number, frames=6, size=64, **members):
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(number)
        picture = np.kron(rng.integers(0, 256, (8, 8, 3)), np.ones((size // 8, size // 8, 1)))
        image = np.stack([np.roll(picture, 8 * t, 1) for t in range(frames)]).astype(np.uint8)
        episode = {
            "image": image,
            "action": np.zeros((frames, 4), np.float32),
            "reward": np.zeros(frames, np.float32),
            "is_first": np.arange(frames) == 0,
            **members,
        }
        name = f"20211228T1122{number:02d}-{number:032x}-{frames - 1}.npz"
        np.savez_compressed(folder / name, **episode)
        return image

    return write


@pytest.fixture
def raw(tmp_path, write_episode):
    """A folder with twenty episodes to train on."""
    for number in range(20):
        write_episode(tmp_path / "raw" / "rlbench" / "train_episodes", number)
    return tmp_path / "raw"
