"""A short slice of the kill test, which ``nox -s kills`` runs in full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
]


def test_runs_killed_at_random_moments_end_as_unbroken_ones_do():
    script = Path(__file__).with_name("kills.py")
    words = [sys.executable, str(script), "--count", "2", "--seed", "4"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stdout
