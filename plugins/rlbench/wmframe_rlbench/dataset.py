"""RLBench: APV's episodes of RLBench as videos."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wmframe.data.decoding import resize
from wmframe.data.splits import fraction, none_missing
from wmframe.interfaces.dataset import RawVideo, VideoDataset
from wmframe_rlbench.config import RLBenchConfig
from wmframe_rlbench.episodes import SOURCE, find_episodes, read_frames


class RLBench(RLBenchConfig, VideoDataset):
    """A robot arm at RLBench's tasks, an episode a video; its actions are left out.

    Settings are the fields of its config.
    """

    name = "rlbench"

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """See :class:`~wmframe.interfaces.VideoDataset`; in the order in which they were made."""
        train, judged = find_episodes(root)
        if judged:
            chosen = judged if split == "val" else train
        else:
            chosen = [path for path in train if self._is_held_out(path) == (split == "val")]
            none_missing(chosen, len(train), split, self.held_out)
        return [RawVideo(key_of(path), path) for path in chosen]

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        return np.stack([resize(frame_HWC, size) for frame_HWC in read_frames(video.path)])

    def card(self) -> dict[str, str]:
        """See :class:`~wmframe.interfaces.VideoDataset`."""
        return {
            "videos": "one for each file of train_episodes",
            "size": "npz files of 64x64 frames, 9,500 bytes a frame",
            "splits": f"val: eval_episodes if there, otherwise {self.held_out:.0%} by a hash",
            "source": SOURCE,
            "licence": "none stated with the files; RLBench: non-commercial research",
            "citation": "Seo et al. 2022, arXiv 2203.13880; RLBench: James et al. 2020, "
            "arXiv 1909.12271",
        }

    def _is_held_out(self, path: Path) -> bool:
        return fraction(path.stem) < self.held_out


def key_of(path: Path) -> str:
    """The name of an episode's file, with the characters that keys may have."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", path.stem)
