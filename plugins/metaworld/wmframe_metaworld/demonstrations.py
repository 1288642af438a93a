"""Videos of Meta-World's scripted experts, for pre-training without a download."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import numpy as np

from wmframe.data.generated import GeneratedDataset
from wmframe.distributions import version_of
from wmframe.errors import DamagedError
from wmframe.interfaces.dataset import RawVideo
from wmframe_metaworld.config import DemonstrationsConfig, MetaWorldConfig

if TYPE_CHECKING:
    from wmframe_metaworld.env import MetaWorldEnv

STREAMS: Final = {"train": 0, "val": 1}
"""Keeps the seeds of the splits apart."""

ELSEWHERE: Final = ("path", "weight", "damaged", "processes")
"""Settings that do not decide what the videos are."""


class Demonstrations(DemonstrationsConfig, GeneratedDataset):
    """One video an episode: the expert of a task at work before a camera; settings are its fields.

    Actions are disturbed, so that not all experts of a task do the same. A video ends soon after
    the task is done.
    """

    name: ClassVar[str] = "metaworld.demonstrations"

    def videos(self, root: Path, split: str) -> Sequence[RawVideo]:
        """Every task before every camera, episode after episode; ``root`` is not read."""
        return tuple(self._videos(root, split))

    def _videos(self, root: Path, split: str) -> Iterator[RawVideo]:
        count = self.held_out if split == "val" else self.episodes
        for task in self.tasks:
            for camera in self.cameras:
                for episode in range(count):
                    key = f"{task}-{camera}-{split}-{episode:04d}"
                    yield RawVideo(key, root / key, label=task)

    def decode(self, video: RawVideo, size: int) -> np.ndarray:
        """Film an episode: uint8 [T, size, size, 3].

        Raises:
            DamagedError: the key is not one of this dataset.
        """
        found = re.fullmatch(r"(.+)-(\w+)-(train|val)-(\d+)", video.key)
        if found is None:
            raise DamagedError(f"{video.key} is no demonstration", "take the keys of videos()")
        task, camera, split, episode = found.groups()
        settings = MetaWorldConfig(
            task=task,
            camera=camera,
            orientation=self.orientation,
            size=size,
            render=self.render,
            state=True,
            action_repeat=self.action_repeat,
        )
        seeds = np.random.SeedSequence([self.seed, STREAMS[split], int(episode)])
        return self.film(stage(settings), expert(task), np.random.default_rng(seeds))

    def film(self, env: MetaWorldEnv, expert: Any, rng: np.random.Generator) -> np.ndarray:
        """Frames of one episode."""
        obs, _ = env.reset(seed=int(rng.integers(2**31)))
        frames, left = [obs["image"]], self.frames - 1
        while left > 0:
            action = advice(expert, obs["state"])
            action = action + rng.normal(0.0, self.noise, action.shape)
            obs, _, _, truncated, info = env.step(np.clip(action, -1, 1).astype(np.float32))
            frames.append(obs["image"])
            left = min(left - 1, self.linger) if info["success"] else left - 1
            left = 0 if truncated else left
        return np.stack(frames)

    def identity(self) -> Mapping[str, Any]:
        """The settings that decide pictures, and the versions that do."""
        settings = {k: v for k, v in attrs.asdict(self).items() if k not in ELSEWHERE}
        return {**settings, **{name: version_of(name) for name in ("metaworld", "mujoco")}}

    def card(self) -> dict[str, str]:
        """Facts for ``wmframe describe``."""
        count = len(self.tasks) * len(self.cameras) * self.episodes
        return {
            "videos": f"{count} of at most {self.frames} frames",
            "source": "scripted experts of Meta-World v3, Farama Foundation",
            "licence": "MIT",
            "citation": "Yu et al. 2019, arXiv 1910.10897",
        }


def stage(settings: MetaWorldConfig) -> MetaWorldEnv:
    """The environment, kept for the next video of the same task; one is open at a time."""
    from wmframe_metaworld.env import MetaWorldEnv

    if settings not in _open:
        for env in _open.values():
            env.close()
        _open.clear()
        _open[settings] = MetaWorldEnv(settings)
    return _open[settings]


_open: dict[MetaWorldConfig, MetaWorldEnv] = {}


def expert(task: str) -> Any:
    """The scripted policy of a task; it has no memory."""
    from metaworld.policies import ENV_POLICY_MAP

    return ENV_POLICY_MAP[f"{task}-v3"]()


def advice(expert: Any, state: np.ndarray) -> np.ndarray:
    """The expert's action, which may exceed the bounds; Meta-World's warning of that is hidden."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Constant")
        return np.asarray(expert.get_action(state.astype(np.float64)))
