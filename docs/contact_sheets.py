"""Draws what DMC Remastered looks like, with procedural textures: a sheet a domain, and one that
varies one factor a row. ``python docs/contact_sheets.py [FOLDER]`` writes PNG files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wmframe_dmc_remastered.config import VARY, DmcRemasteredConfig
from wmframe_dmc_remastered.seeds import EpisodeSeeds
from wmframe_dmc_remastered.suite import DmcRemasteredSuite
from wmframe_dmc_remastered.tasks import DOMAINS

FOLDER = Path(__file__).parent / "_static" / "dmc_remastered"
SIDE = 96
COLORS = 128
VISUAL_SEEDS = (0, -1, -2, -3, 1, 2, 3, 4, 5, 6, 7, 8)
COLUMNS = 6
FACTOR_SEEDS = (1, 2, 3, 4, 5, 6)
FACTOR_DOMAINS = {"target": "fish", "reflectance": "cheetah", "light": "reacher"}  # else walker
DYNAMICS_SEED = 3


def main() -> None:
    """Write all sheets."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for domain in DOMAINS:
        pictures = shots(domain, VISUAL_SEEDS)
        save(folder / f"{domain}.png", grid(pictures, COLUMNS))
    rows = [
        shots(FACTOR_DOMAINS.get(factor, "walker"), FACTOR_SEEDS, vary=(factor,)) for factor in VARY
    ]
    save(folder / "factors.png", grid([picture for row in rows for picture in row], COLUMNS))


def shots(domain: str, seeds: Sequence[int], **settings: Any) -> list[np.ndarray]:
    """The first picture of an episode with each visual seed, uint8 [96, 96, 3]."""
    task = f"{domain}_{DOMAINS[domain][0]}"
    suite = DmcRemasteredSuite(
        DmcRemasteredConfig(task=task, size=SIDE, assets="procedural", **settings)
    )
    env: Any = suite.make()
    try:
        return [shot(env, seed) for seed in seeds]
    finally:
        env.close()


def shot(env: Any, visual: int) -> np.ndarray:
    """A picture of the same state in another look."""
    env.play(EpisodeSeeds(DYNAMICS_SEED, visual))
    return env.observe()["image"]


def grid(pictures: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Pictures side by side, row after row, uint8 [H, W, 3]."""
    rows = [pictures[i : i + columns] for i in range(0, len(pictures), columns)]
    return np.concatenate([np.concatenate(row, 1) for row in rows], 0)


def save(path: Path, picture: np.ndarray) -> None:
    """Write a PNG of few colors, so that the repository stays small."""
    Image.fromarray(picture).quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path} {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
