"""One process owns a folder, and who that is can be read, from this machine and from others."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from wmframe import locks, owner
from wmframe.errors import UsageError, WmframeError
from wmframe.locks import hold, holder

HOLD = """
import sys, time
from pathlib import Path
from wmframe.locks import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock of ``tmp_path``."""
    words = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def quick(monkeypatch):
    """Signs of life come often, and are waited for a short time."""
    monkeypatch.setattr(owner, "BEAT", 0.05)
    monkeypatch.setattr(locks, "WATCH", 0.5)


def record(path, **changes):
    """Leave the record of another machine's process."""
    said = {"process": 7, "host": "elsewhere", "since": "2026-01-01 00:00:00", "beats": 3}
    path.write_text(json.dumps({**said, **changes}))


def test_a_second_process_is_told_who_holds_the_lock(other, tmp_path):
    told = f"process {other.pid} on .* works in {tmp_path} already"
    with pytest.raises(UsageError, match=told), hold(tmp_path / "lock"):
        pass
    assert holder(tmp_path / "lock").startswith(f"process {other.pid} on ")


def test_one_that_is_stopped_holds_it_still(other, tmp_path):
    os.kill(other.pid, signal.SIGSTOP)
    with pytest.raises(UsageError, match=f"process {other.pid}"), hold(tmp_path / "lock"):
        pass


def test_the_lock_of_a_process_that_was_killed_is_taken_over_at_once(other, tmp_path):
    other.kill()
    other.wait()
    assert str(other.pid) in (tmp_path / "lock").read_text()
    assert holder(tmp_path / "lock") is None
    began = time.monotonic()
    with hold(tmp_path / "lock"):
        assert str(os.getpid()) in holder(tmp_path / "lock")
    assert time.monotonic() - began < 2
    assert holder(tmp_path / "lock") is None


def test_a_machine_whose_locks_are_not_seen_here_holds_it_while_it_gives_signs_of_life(
    tmp_path, quick
):
    path, ended = tmp_path / "lock", threading.Event()
    record(path)

    def beat():
        for beats in range(1000):
            if ended.wait(0.05):
                return
            record(path, beats=beats)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with (
            pytest.warns(UserWarning, match="waiting"),
            pytest.raises(UsageError, match="process 7 on elsewhere"),
            hold(path),
        ):
            pass
    finally:
        ended.set()
        thread.join()


def test_a_machine_that_is_gone_loses_it_after_a_while(tmp_path, quick):
    record(tmp_path / "lock")
    with pytest.warns(UserWarning, match="process 7 on elsewhere"), hold(tmp_path / "lock"):
        assert str(os.getpid()) in (tmp_path / "lock").read_text()


def test_a_disk_without_locks_goes_by_the_signs_of_life(tmp_path, quick, monkeypatch):
    def unable(_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(locks, "_system_lock", unable)
    path = tmp_path / "lock"
    with (
        hold(path),
        pytest.warns(UserWarning),
        pytest.raises(UsageError, match=f"process {os.getpid()}"),
        hold(path),
    ):
        pass
    with hold(path):
        pass


@pytest.mark.parametrize("content", ["", "process 3 on x", "[]", '{"process": "x"}', "[" * 4000])
def test_a_record_that_makes_no_sense_is_nobodys(tmp_path, content):
    (tmp_path / "lock").write_text(content)
    with hold(tmp_path / "lock"):
        pass


def test_the_record_is_renewed_and_emptied_at_the_end(tmp_path, quick):
    path = tmp_path / "lock"
    with hold(path):
        before = json.loads(path.read_text())["beats"]
        time.sleep(0.3)
        assert json.loads(path.read_text())["beats"] > before
    assert path.read_text() == ""


def test_a_folder_that_was_removed_or_taken_meanwhile_is_noticed(tmp_path):
    path = tmp_path / "run" / "lock"
    path.parent.mkdir()
    with hold(path) as held:
        held.check()
        shutil.rmtree(path.parent)
        with pytest.raises(WmframeError, match="removed or renamed"):
            held.check()
        path.parent.mkdir()
        with hold(path), pytest.raises(WmframeError, match="removed or renamed"):
            held.check()


def test_a_place_that_is_a_file_or_not_ours_is_one_message(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WmframeError, match="another place"), hold(tmp_path / "file" / "lock"):
        pass
    with pytest.raises(WmframeError, match="shorter"), hold(tmp_path / ("x" * 300)):
        pass
