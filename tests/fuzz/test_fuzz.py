"""A short slice of what ``nox -s fuzz`` tries for minutes, and that the fuzzer sees what fails."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "fuzz.py"
sys.path.append(str(FUZZ.parent))

import fuzz  # noqa: E402

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits are set as on Linux")

INPUTS = 25
FAULTS = {
    "KeyError": lambda: {}[1],
    "MemoryError": lambda: bytearray(2**60),
    "SystemExit": lambda: sys.exit(3),
    "TooSlow": lambda: [None for _ in iter(int, 1)],
}


@pytest.fixture(autouse=True)
def alarm(monkeypatch):
    """Lets an input be interrupted, as the fuzzer's processes do."""
    before = signal.signal(signal.SIGALRM, fuzz.interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", fuzz.SHARES)
def test_odd_inputs_end_well_or_in_one_message(tmp_path, kind):
    specimen = tmp_path / kind
    fuzz.kinds()[kind].prepare(specimen)
    getattr(fuzz.kinds()[kind], "warm", lambda: None)()
    ended = [fuzz.attempt(kind, 1, number, specimen, None) for number in range(INPUTS)]
    assert [told for told in ended if "error" in told] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_message_fails_with_its_input(tmp_path, monkeypatch, fault):
    class Odd:
        @staticmethod
        def attempt(folder, draw, say):
            say(f"drew {draw.random():.3f}")
            FAULTS[fault]()

    monkeypatch.setattr(fuzz, "SLOW", 1)
    monkeypatch.setattr(fuzz, "kinds", lambda: {"odd": Odd})
    (tmp_path / "odd").mkdir()
    first, second, other = (
        fuzz.attempt("odd", 0, number, tmp_path / "odd", tmp_path / "out") for number in (7, 7, 8)
    )
    assert fault in first["error"]
    assert first["input"] == second["input"] != other["input"]
    assert (tmp_path / "out" / "odd-7").is_dir()


def test_the_command_counts(tmp_path):
    words = [sys.executable, str(FUZZ), "--kind", "metrics", "--out", str(tmp_path)]
    done = subprocess.run([*words, "--inputs", "50"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("metrics: 5 inputs, ")
