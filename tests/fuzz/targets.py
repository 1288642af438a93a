"""Kinds of inputs: each makes something sound, spoils a copy of it, and reads what came out."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
from recipe_inputs import Overrides, Recipes

from support.mutants import mutate_bytes, mutate_json

Say = Callable[[str], object]


def spoil(folder: Path, draw: random.Random, say: Say) -> Path:
    """Change one file below a folder: its bytes, a value of its JSON, its length; or remove it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = draw.choice(files)
    content = path.read_bytes()
    if draw.random() < 0.05:
        path.unlink()
        say(f"removed {path.relative_to(folder)}")
    elif path.suffix == ".json" and draw.random() < 0.8:
        path.write_text(mutate_json(json.loads(content), draw))
    elif path.suffix == ".jsonl" and draw.random() < 0.8:
        lines = content.decode().splitlines()
        at = draw.randrange(len(lines))
        lines[at] = mutate_json(json.loads(lines[at]), draw)
        path.write_text("\n".join(lines))
    elif draw.random() < 0.1:
        path.write_bytes(draw.choice((b"", b"\0" * 4096, b"[" * 100_000, b"{}", b"null", b"\xff")))
    else:
        path.write_bytes(mutate_bytes(content, draw))
    say(f"changed {path.relative_to(folder)}")
    return path


class ShardFiles:
    """Packed videos."""

    @staticmethod
    def prepare(folder: Path) -> None:
        """Pack a few clips in either payload."""
        from wmframe.bench.videos import ArrayVideos, write_videos
        from wmframe.data.shards import pack

        raw = folder.with_name("raw-videos")
        write_videos(raw / "train", [12, 30, 9])
        for kind in ("strip", "npy"):
            pack(ArrayVideos(), raw, folder / kind, size=16, payload=kind, processes=0)

    @staticmethod
    def attempt(folder: Path, draw: random.Random, say: Say) -> None:
        """Read all that is read of shards."""
        from wmframe.data.shards import ClipLoader, ShardSet
        from wmframe.data.shards.dataset import Shards
        from wmframe.data.shards.summary import faults, summarize

        kind = draw.choice(("strip", "npy"))
        spoil(folder / kind, draw, say)
        clips = ShardSet(folder / kind / "train", damaged=draw.choice(("skip", "refuse")))
        summarize(clips)
        list(faults(clips, 1))
        shards = Shards(str(folder / kind))
        for video in shards.videos(folder / kind, "train"):
            shards.decode(video, 8)
        with ClipLoader([clips], batch=4, length=5, seed=0) as loader:
            next(loader)


class Checkpoints:
    """Checkpoints of a small learner, with optimizer, random state and schedules."""

    @staticmethod
    def prepare(folder: Path) -> None:
        """Save two."""
        import torch

        from wmframe.stages.loop.specs import Specs
        from wmframe.training.checkpoint import CheckpointStore

        learner = Checkpoints.learner()
        store = CheckpointStore(folder / "checkpoints", keep=2)
        extra = {"counters": {"updates": 3}, "queue": torch.ones(3), "names": ["a", "b"]}
        for step in (1, 2):
            store.save(step, learner, extra)
        Specs(Checkpoints.obs()).save(folder)

    @staticmethod
    def obs() -> dict[str, Any]:
        """What the learner sees."""
        from wmframe.types import TensorSpec

        return {"image": TensorSpec((8, 8, 3), "uint8")}

    @staticmethod
    def learner() -> Any:
        """A small one."""
        from wmframe.testing.linear import Linear

        return Linear(obs=Checkpoints.obs(), width=4, lr=0.1)

    @staticmethod
    def attempt(folder: Path, draw: random.Random, say: Say) -> None:
        """Read all that is read of checkpoints; half of them with digests that fit."""
        from wmframe.stages.loop.specs import Specs
        from wmframe.training.checkpoint import (
            load_extra,
            load_learner,
            newest_checkpoint,
            restore_rng,
            verify,
        )
        from wmframe.training.rng import isolated

        changed = spoil(folder, draw, say)
        if draw.random() < 0.5 and changed.name != "meta.json":
            Checkpoints.seal(changed.parent)
        Specs.load(folder)
        checkpoint = newest_checkpoint(folder)
        verify(checkpoint)
        load_learner(checkpoint, Checkpoints.learner())
        load_extra(checkpoint)
        with isolated(0):
            restore_rng(checkpoint)

    @staticmethod
    def seal(checkpoint: Path) -> None:
        """Write digests that fit, as a stranger can."""
        meta = checkpoint / "meta.json"
        if meta.exists():
            files = [path for path in checkpoint.iterdir() if path != meta]
            digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
            meta.write_text(json.dumps({"format": 1, "step": 0, "sha256": digests}))


class Replays:
    """Episodes on disk."""

    @staticmethod
    def prepare(folder: Path) -> None:
        """Keep a few episodes."""
        from wmframe.data.replay import Replay
        from wmframe.types import Episode

        replay = Replay(folder, capacity=200, min_length=3, max_length=6, slack=50)
        for number, length in enumerate((10, 7, 12)):
            row = np.arange(length)
            data = {
                "image": np.full((length, 4, 4, 3), number, np.uint8),
                "action": np.zeros((length, 2), np.float32),
                "reward": row.astype(np.float32),
                "is_first": row == 0,
                "is_last": row == length - 1,
                "is_terminal": np.zeros(length, bool),
            }
            replay.add(Episode(0, number, data, {"success": number % 2}))

    @staticmethod
    def attempt(folder: Path, draw: random.Random, say: Say) -> None:
        """Draw from them and export them."""
        from wmframe.data.replay import Replay
        from wmframe.data.replay.export import load_episodes

        spoil(folder, draw, say)
        replay = Replay(folder, capacity=200, min_length=3, max_length=6, slack=50)
        replay.sample(3, 5)
        replay.restore(replay.state())
        list(load_episodes(folder))


class Metrics:
    """What trackers wrote, torn in the middle or edited."""

    @staticmethod
    def prepare(folder: Path) -> None:
        """Records of a short run."""
        from wmframe.tracking.jsonl import JsonlTracker
        from wmframe.types import Counters

        (folder / "train").mkdir(parents=True)
        tracker = JsonlTracker(folder=folder / "train", stage="train")
        for k in range(4):
            figures = {"eval/return_mean": 2.0 * k, "train/kl_loss": 4.0 - k, "rate/updates": 3.0}
            tracker.scalars(Counters(1000 * k, 500 * k, 100 * k, k), figures)
        tracker.close()
        text = 'name = "x"\nseed = 1\n[stages.train]\nuse = "x"\n'
        (folder / "resolved.toml").write_text(text)
        facts = {"python": "3.11", "packages": {"torch": "2"}, "git": {"commit": "a", "diff": ""}}
        (folder / "lock.json").write_text(json.dumps(facts))

    @staticmethod
    def attempt(folder: Path, draw: random.Random, say: Say) -> None:
        """Read records and curves; now and then make the whole page, which takes a second."""
        from wmframe.report.compare import group_runs
        from wmframe.report.page import recipe_section, report_run
        from wmframe.report.records import curve, load_metrics, metric_names

        spoil(folder, draw, say)
        records = load_metrics(folder)
        for group in ("train", "eval", "rate"):
            for name in metric_names(records, group):
                curve(records, name)
        list(recipe_section(folder))
        group_runs([folder])
        if draw.random() < 0.05:
            report_run(folder)


class LeRobotFolders:
    """Datasets of each version of the format, written as its plugin's tests write them."""

    @staticmethod
    def prepare(folder: Path) -> None:
        """Write one of each version."""
        tests = Path(__file__).parents[2] / "plugins" / "lerobot" / "tests" / "conftest.py"
        found = spec_from_file_location("lerobot_writers", tests)
        assert found is not None and found.loader is not None
        writers = module_from_spec(found)
        found.loader.exec_module(writers)
        for version, write in writers.WRITERS.items():
            write(folder / version, version=version, lengths=(6, 5))

    @staticmethod
    def attempt(folder: Path, draw: random.Random, say: Say) -> None:
        """Read it as videos, and as episodes."""
        from wmframe_lerobot.dataset import LeRobot
        from wmframe_lerobot.replay import load_episodes

        root = folder / draw.choice(("v2.0", "v2.1", "v3.0"))
        say(root.name)
        spoil(root, draw, say)
        if draw.random() < 0.5:
            list(load_episodes(root, size=16))
            return
        dataset = LeRobot(path="", weight=1.0, damaged="refuse", camera="", held_out=0.0)
        dataset.expected(root, "train")
        for video in dataset.videos(root, "train"):
            dataset.decode(video, 16)


class Nothing:
    """Takes the place of a kind whose plugin is not installed."""

    @staticmethod
    def prepare(folder: Path) -> None:
        """Make an empty folder."""
        folder.mkdir()

    @staticmethod
    def attempt(folder: Path, draw: random.Random, say: Say) -> None:
        """Do nothing."""


KINDS: dict[str, Any] = {
    "recipes": Recipes,
    "overrides": Overrides,
    "shards": ShardFiles,
    "checkpoints": Checkpoints,
    "replays": Replays,
    "lerobot": LeRobotFolders if find_spec("wmframe_lerobot") else Nothing,
    "metrics": Metrics,
}
