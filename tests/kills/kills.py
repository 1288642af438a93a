"""Kill a run at random moments and compare what comes of it with the unbroken run. Linux only.

``python tests/kills/kills.py --count 50 --seed 0`` prints a line a kill, and ends with status 1 if
anything was not as it should be.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from subject import GONE_WITHIN, Subject

ENDS = {
    "kill -9": (signal.SIGKILL, {-signal.SIGKILL}),
    "TERM": (signal.SIGTERM, {143, -signal.SIGTERM}),  # -15: before the run could take note
    "INT": (signal.SIGINT, {130, -signal.SIGINT}),
}
KINDS = ("kill -9", "kill -9", "kill -9", "TERM", "INT", "stop", "worker", "worker at the start")
PATIENCE = 300.0
"""Seconds in which a run that nobody disturbs has to end."""


class Trial:
    """Runs that are killed until so many kills are done; each is compared when it is complete.

    Args:
        folder: everything is written there.
        count: kills to make.
        seed: fixes their kinds and moments.
    """

    def __init__(self, folder: Path, count: int, seed: int) -> None:
        self.folder, self.count, self.random = folder, count, random.Random(seed)
        self.done, self.faults = 0, list[str]()

    def run(self) -> None:
        """Make the kills."""
        self.whole = Subject(self.folder / "whole")
        began = time.monotonic()
        self.finish(self.whole, self.whole.start())
        self.length = time.monotonic() - began
        print(f"the unbroken run takes {self.length:.1f} s", flush=True)
        number = 0
        while self.done < self.count:
            number += 1
            self.break_one(Subject(self.folder / f"broken_{number}"))

    def break_one(self, subject: Subject) -> None:
        """Disturb one run over and over, until it is complete."""
        intact = True
        while True:
            child = subject.start()
            if self.done >= self.count:
                break
            kind = self.random.choice(KINDS)
            pause = self.random.uniform(0.05, self.length)
            pids = set(self.wait(subject, child, 0.0 if kind == "worker at the start" else pause))
            if child.poll() is not None:
                break
            self.done += 1
            intact = intact and not kind.startswith("worker")
            self.disturb(subject, child, kind, pids)
            if child.poll() is None:
                break
        self.finish(subject, child)
        self.compare(subject, intact)
        shutil.rmtree(subject.run.parent)

    def wait(self, subject: Subject, child: subprocess.Popen[bytes], pause: float) -> list[int]:
        """Let the run work for a while, or until it has a worker; its processes."""
        end = time.monotonic() + (pause or self.length)
        while time.monotonic() < end and child.poll() is None:
            if not pause and len(subject.processes()) > 1:
                break
            time.sleep(0.01)
        return subject.processes()

    def disturb(
        self, subject: Subject, child: subprocess.Popen[bytes], kind: str, pids: set[int]
    ) -> None:
        """Do what a kind of kill does, and see what becomes of it."""
        began, said = time.monotonic(), ""
        if kind in ENDS:
            said = self.end(subject, child, kind, pids)
        elif kind == "stop":
            child.send_signal(signal.SIGSTOP)
            time.sleep(self.random.uniform(0.2, 2.0))
            child.send_signal(signal.SIGCONT)
        else:
            workers = sorted(pids - {child.pid})
            for worker in workers[: self.random.randint(1, 2)]:
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            said = f"{len(workers)} workers"
        took = time.monotonic() - began
        print(
            f"{self.done}: {subject.run.parent.parent.name} {kind} {said} ({took:.1f} s)",
            flush=True,
        )

    def end(
        self, subject: Subject, child: subprocess.Popen[bytes], kind: str, pids: set[int]
    ) -> str:
        """End the run by a signal; it and what it started have to be gone soon."""
        number, statuses = ENDS[kind]
        if number != signal.SIGKILL and subject.owned_by(child.pid):
            statuses = {status for status in statuses if status > 0}  # it runs and takes note
        child.send_signal(number)
        try:
            status = child.wait(GONE_WITHIN)
        except subprocess.TimeoutExpired:
            self.fault(subject, f"{kind}: still there after {GONE_WITHIN} s")
            child.kill()
            status = child.wait()
        text = subject.log.read_text(errors="replace")
        if status not in {*statuses, 0}:  # 0: it was complete
            self.fault(subject, f"{kind}: status {status}\n{text}")
        if status > 0 and "Traceback" in text:
            self.fault(subject, f"{kind}: a traceback\n{text}")
        if not subject.gone():
            self.fault(subject, f"{kind}: orphans {subject.processes()}")
        for fault in subject.faults({str(pid) for pid in pids}):
            self.fault(subject, f"{kind}: {fault}")
        return f"status {status}"

    def finish(self, subject: Subject, child: subprocess.Popen[bytes]) -> None:
        """Let a run come to its end."""
        try:
            status = child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            status = child.wait()
        if status or not subject.gone():
            text = subject.log.read_text(errors="replace")
            self.fault(subject, f"ended with {status}, left {subject.processes()}\n{text}")

    def compare(self, subject: Subject, intact: bool) -> None:
        """See that a complete run is as the unbroken one is."""
        for stage in ("pretrain", "train"):
            equal = subject.records(stage) == self.whole.records(stage)
            if not equal and (intact or stage == "pretrain"):
                self.fault(subject, f"{stage}: other figures than the unbroken run's")
            for fault in subject.doubled(stage):
                self.fault(subject, fault)
        for fault in (*subject.left(), *subject.faults(set())):
            self.fault(subject, fault)
        print(f"{subject.run.parent.parent.name} is complete", flush=True)

    def fault(self, subject: Subject, what: str) -> None:
        """Note what is not as it should be."""
        self.faults.append(what)
        print(f"FAULT {subject.run}: {what}", flush=True)


def main() -> None:
    """Read the command line, make the kills, say how many faults there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50, help="kills")
    parser.add_argument("--seed", type=int, default=0, help="fixes their kinds and moments")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wmframe-kills-") as folder:
        trial = Trial(Path(folder), chosen.count, chosen.seed)
        trial.run()
    print(f"{trial.done} kills, {len(trial.faults)} faults")
    sys.exit(1 if trial.faults else 0)


if __name__ == "__main__":
    main()
