"""What is killed: a pretrain and an online stage of the toy recipe, in a process of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from wmframe.training.checkpoint import UNFINISHED, verify

STAGES = Path(__file__).parent.parent / "stages"
MARK = "WMFRAME_KILLS"
GONE_WITHIN = 10.0
"""Seconds that an interrupted run, and what it started, may take to end."""

RECIPE = f"""
name = "subject"
device = "cpu"
threads = 1
trackers = []
plugins.local = ["{STAGES}/toy.py", "{STAGES}/fourth.py"]

[stages.pretrain]
use = "pretrain"
agent = {{ use = "fourth.model" }}
videos = [{{ use = "fourth.videos" }}]
updates = 240
batch = 8
length = 10
size = 8
workers = 1
log_every = 23
evaluation = {{ every = 120, batches = 2, observed = 3 }}
checkpoint = {{ every = 50 }}

[stages.train]
use = "online"
suite = {{ use = "toy.line" }}
agent = {{ use = "fourth.agent" }}
init = "stages.pretrain"
env_steps = 960
prefill = 192
pretrain = 3
train_ratio = 0.5
simulators = 2
log_every = 52
replay = {{ batch = 4, length = 6, min_length = 6, max_length = 6 }}
evaluation = {{ every = 0, episodes = 2, simulators = 1 }}
checkpoint = {{ every = 140 }}
"""


class Subject:
    """A run in a folder, which the same call starts again, and every process that belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.runs, self.temporary = folder / "runs", folder / "tmp"
        self.run = self.runs / "subject"
        self.temporary.mkdir(parents=True)
        self.recipe = folder / "subject.toml"
        self.recipe.write_text(RECIPE)
        self.log = folder / "log"
        self._mark = f"{MARK}={uuid.uuid4().hex}"
        self._environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "TMPDIR": str(self.temporary),
            "TORCHINDUCTOR_CACHE_DIR": str(folder.parent / "inductor"),  # torch keeps that
            "WMFRAME_CACHE": str(folder.parent / "cache"),
            **dict([self._mark.split("=")]),
        }

    def start(self) -> subprocess.Popen[bytes]:
        """Start the run, or go on with it; what it prints is in the log."""
        code = "from wmframe.cli import main; main()"
        words = ["run", str(self.recipe), "--runs", str(self.runs)]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-c", code, *words],
                env=self._environment,
                stdout=log,
                stderr=log,
                preexec_fn=heed_interrupts,
            )

    def processes(self) -> list[int]:
        """Every process of the run, its orphans too."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark.encode() in (path / "environ").read_bytes().split(b"\0"):
                    found.append(int(path.name))
            except OSError:  # it is gone, or another user's
                continue
        return found

    def gone(self) -> bool:
        """Whether every process of the run ends soon."""
        end = time.monotonic() + GONE_WITHIN
        while self.processes():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def faults(self, pids: set[str]) -> list[str]:
        """What a death of the run has left that must not be there."""
        odd = [f"temporary: {path}" for path in self.temporary.iterdir()]
        shared = [path.name for path in Path("/dev/shm").iterdir()]
        odd += [f"shared memory: {n}" for n in shared if set(re.findall(r"\d+", n)) & pids]
        for path in self.run.glob("*/checkpoints/step_*"):
            try:
                verify(path)
            except Exception as error:
                odd.append(f"half a checkpoint in sight: {error}")
        return odd

    def records(self, stage: str) -> list[dict[str, object]]:
        """What was recorded, without what depends on the clock."""
        lines = (self.run / stage / "metrics.jsonl").read_text().splitlines()
        timed = ("time", "rate/")
        kept = [json.loads(line) for line in lines]
        return [{k: v for k, v in one.items() if not k.startswith(timed)} for one in kept]

    def owned_by(self, pid: int) -> bool:
        """Whether a process has come as far as to own the run's folder."""
        try:
            return json.loads((self.run / "run.lock").read_text())["process"] == pid
        except (OSError, ValueError, KeyError):
            return False

    def doubled(self, stage: str) -> list[str]:
        """Figures that are there more than once for the same counters."""
        seen, odd = set(), []
        for record in self.records(stage):
            at = tuple(record[name] for name in ("env_steps", "agent_steps", "updates", "episodes"))
            for name in (name for name in record if "/" in name):
                odd += [f"{stage}: {name} twice at {at}"] if (at, name) in seen else []
                seen.add((at, name))
        return odd

    def left(self) -> list[str]:
        """Files of a complete run that were being written."""
        names = [path for path in self.run.rglob("*") if path.suffix in (".tmp", ".partial")]
        return [f"left: {p}" for p in (*names, *self.run.rglob(f"{UNFINISHED}*"))]


def heed_interrupts() -> None:
    """Heed Ctrl-C, also where a shell in the background has it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
