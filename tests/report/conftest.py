"""Runs as trackers leave them, made up with known numbers."""

from __future__ import annotations

import pytest

from wmframe.tracking.jsonl import JsonlTracker
from wmframe.types import Counters

LOCK = '{"python": "3.11.2", "packages": {"torch": "2.13.0"}, "git": {"diff": "a\\nb <c>"}}'


def write_run(folder, *, seed=0, slope=1.0, evaluations=5):
    """A pretrain and an online stage; evaluation k returns ``slope * k + seed``."""
    pretrain = JsonlTracker(folder=folder / "pretrain", stage="pretrain")
    pretrain.scalars(Counters(updates=10), {"train/image_loss": 3.0})
    pretrain.close()
    finetune = JsonlTracker(folder=folder / "finetune", stage="finetune")
    for k in range(evaluations):
        counters = Counters(1000 * k, 500 * k, 100 * k, k)
        finetune.scalars(counters, {"episode/return": 2.0 * k, "episode/length": 500.0})
        shares = {"time/share_simulator": 0.75, "time/share_other": 0.25}
        rates = {"rate/env_steps": 100.0, "rate/updates": 10.0}
        finetune.scalars(counters, {"train/kl_loss": 4.0 - k, **shares, **rates})
        scores = {"eval/success_mean": k / 10, "eval/length_mean": 500.0}
        spread = {"eval/return_mean": slope * k + seed, "eval/return_std": 1.0}
        finetune.scalars(counters, {**spread, **scores})
    finetune.close()
    (folder / "resolved.toml").write_text(f'name = "x"\nseed = {seed}\nslope = {slope}\n')
    (folder / "lock.json").write_text(LOCK)
    return folder


@pytest.fixture(scope="session")
def make_run():
    return write_run


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "dreamer <&>")
