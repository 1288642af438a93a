"""The fuzzer: odd inputs, the same for the same seed, that have to end well or in one message.

``python tests/fuzz/fuzz.py`` tries 20,000 of them, ``nox -s fuzz`` does so in an environment of
its own. An input is known by its kind and its number: ``--kind recipes --only 1234`` repeats one
in this process, with the traceback. What fails is named with that line, and kept in ``--out``.

An input fails if it raises anything but a WmframeError, takes more than ten seconds, asks for more
than a GiB of memory, or ends the process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Final

HERE: Final = Path(__file__).parent
SHARES: Final = {
    "recipes": 0.3,
    "overrides": 0.3,
    "shards": 0.1,
    "checkpoints": 0.08,
    "replays": 0.08,
    "lerobot": 0.04,
    "metrics": 0.1,
}
"""Kinds of inputs, and which part of all of them each has."""

SLOW: Final = 10
HANGS: Final = 120
"""Seconds after which an input is interrupted, and after which a silent process is ended."""

MEMORY: Final = 2**30


class TooSlow(BaseException):
    """An input has taken too long; nothing in between may take it for an error of its own."""


def interrupt(number: int, frame: FrameType | None) -> None:
    """Say that it takes too long."""
    raise TooSlow(f"more than {SLOW} s")


def draw_of(seed: int, kind: str, number: int) -> random.Random:
    """The generator of one input."""
    return random.Random(f"{seed}/{kind}/{number}")


def attempt(kind: str, seed: int, number: int, specimen: Path, out: Path | None) -> dict[str, str]:
    """Try one input; what failed, or ``end``: how it ended."""
    from wmframe.errors import WmframeError

    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / kind
        shutil.copytree(specimen, place)
        signal.alarm(SLOW)
        try:
            kinds()[kind].attempt(place, draw_of(seed, kind, number), said.append)
            return {"end": "fine"}
        except WmframeError as error:
            return {"end": "refused"} if error.message else {"error": "a message without words"}
        except (Exception, SystemExit, TooSlow) as error:
            signal.alarm(0)
            text = "".join(traceback.format_exception(error))
            if out is not None:
                shutil.copytree(place, out / f"{kind}-{number}", dirs_exist_ok=True)
            return {"error": text, "input": "; ".join(said)[:2000]}
        finally:
            signal.alarm(0)


def kinds() -> dict[str, type]:
    """The kinds of inputs by name; imported here, for the parent process needs none of it."""
    for folder in (HERE, HERE.parent):  # the latter has what tests share, as pytest adds it
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    from targets import KINDS

    return KINDS


def child(options: argparse.Namespace) -> None:
    """Try some inputs of one kind; a JSON line before and one after each."""
    # Arrow's own allocator reserves more addresses at a time than the limit leaves
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, interrupt)
    specimen, (first, last) = options.work / options.kind, options.child
    getattr(kinds()[options.kind], "warm", lambda: None)()
    attempt(options.kind, options.seed, -1, specimen, None)  # what is imported on the way
    limit = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number in range(first, last):
        print(json.dumps({"begun": number}), flush=True)
        told = attempt(options.kind, options.seed, number, specimen, options.out)
        print(json.dumps({"done": number, **told}), flush=True)


def watch(options: argparse.Namespace, kind: str, first: int, last: int) -> Iterator[dict]:
    """What a child says of each input; one that ends it is told as failed, and the next begins."""
    while first < last:
        words = ["--child", first, last, "--kind", kind, "--seed", options.seed]
        words += ["--out", options.out, "--work", options.work]
        command = [sys.executable, str(HERE / "fuzz.py"), *map(str, words)]
        log = (options.work / f"{kind}.log").open("w+")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        timer = Timer(process)
        begun = None
        for line in process.stdout:
            timer.again()
            told = json.loads(line)
            begun = told.get("begun", begun)
            if "done" in told:
                first = told["done"] + 1
                yield told
        timer.end()
        if process.wait() == 0:
            return
        log.seek(0)
        how = f"the process ended with {process.returncode}: {log.read()[-1500:]}"
        yield {"done": first if begun is None else begun, "error": how}
        if begun is None:  # it does not even start
            return
        first = begun + 1


class Timer:
    """Ends a process that has said nothing for :data:`HANGS` seconds."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.last = process, time.monotonic()
        self.over = False
        Thread(target=self.run, daemon=True).start()

    def again(self) -> None:
        """Something was said."""
        self.last = time.monotonic()

    def end(self) -> None:
        """Watch no longer."""
        self.over = True

    def run(self) -> None:
        """Wait."""
        while not self.over:
            time.sleep(1)
            if time.monotonic() - self.last > HANGS:
                self.process.kill()
                return


def campaign(options: argparse.Namespace) -> int:
    """Try all inputs; the number of those that failed."""
    failed = 0
    for kind in options.kinds:
        kinds()[kind].prepare(options.work / kind)
        count, ends = max(1, round(options.inputs * SHARES[kind])), {"fine": 0, "refused": 0}
        since = time.monotonic()
        for told in watch(options, kind, options.first, options.first + count):
            if "error" in told:
                failed += 1
                again = f"--seed {options.seed} --kind {kind} --only {told['done']}"
                print(f"\nFAILED: python tests/fuzz/fuzz.py {again}")
                print(f"  input: {told.get('input', '?')}\n{told['error']}", flush=True)
            else:
                ends[told["end"]] += 1
        spent = time.monotonic() - since
        print(f"{kind}: {count} inputs, {ends}, {spent:.0f} s", flush=True)
    print(f"{failed} failed")
    return failed


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=20_000, help="of all kinds together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of each kind's first input")
    parser.add_argument("--kind", choices=SHARES, help="one kind alone")
    parser.add_argument("--only", type=int, help="one input of --kind, in this process")
    parser.add_argument("--out", type=Path, default=Path("fuzz-failures"), help="what failed")
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.kinds = [options.kind] if options.kind else list(SHARES)
    if options.child:
        child(options)
        return
    with tempfile.TemporaryDirectory() as work:
        options.work = options.work or Path(work)
        if options.only is None:
            sys.exit(min(campaign(options), 1))
        signal.signal(signal.SIGALRM, interrupt)
        specimen = options.work / options.kind
        kinds()[options.kind].prepare(specimen)
        told = attempt(options.kind, options.seed, options.only, specimen, options.out)
        print("\n".join(f"{key}: {text}" for key, text in told.items()))


if __name__ == "__main__":
    main()
