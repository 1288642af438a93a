"""Processes of cells: their lock, their log, their end."""

from __future__ import annotations

import os
import signal
import time

import pytest

from wmframe.errors import UsageError, WmframeError
from wmframe.locks import hold, holder
from wmframe.sweep import processes
from wmframe.sweep.processes import Attempt, Job, LocalExecutor, last_words

SLEEP = "import time; print('at work', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {SLEEP}"


@pytest.fixture
def job(tmp_path, monkeypatch):
    """Makes a job whose process runs a line of Python."""

    def make(code, name="cell", **environment):
        monkeypatch.setattr(processes, "PROGRAM", ("-c", code))
        log, lock = tmp_path / f"{name}.log", tmp_path / f"{name}.lock"
        return Job(name, ("a word",), tmp_path, log, lock, environment)

    return make


@pytest.fixture
def at_work():
    """Waits until a job's process has begun."""

    def wait(job, poll):
        deadline = time.monotonic() + 200
        while not (job.log.exists() and "at work" in job.log.read_text()):
            assert time.monotonic() < deadline
            poll()
            time.sleep(0.02)

    return wait


def test_a_process_gets_its_words_folder_and_variables(job, tmp_path, monkeypatch):
    monkeypatch.setenv("SET", "by the user")
    code = "import os, sys; print(sys.argv[1:], os.getcwd(), os.environ['SET'], os.environ['NEW'])"
    done = job(code, SET="by the sweep", NEW="1")
    assert Attempt(done).wait().code == 0
    assert f"a word'] {tmp_path} by the user 1" in done.log.read_text()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ValueError('too deep')", "ValueError: too deep"),
        (
            "import sys; print('error: gone\\n  hint: mend it', file=sys.stderr); sys.exit(4)",
            "gone",
        ),
        ("import sys; sys.exit(5)", "ended with exit code 5"),
        ("import os; os.kill(os.getpid(), 9)", "ended by SIGKILL, as when memory runs out"),
        ("import os; os.kill(os.getpid(), 11)", "ended by SIGSEGV"),
    ],
)
def test_a_failure_is_told_in_one_line(job, code, message):
    outcome = Attempt(job(code)).wait()
    assert outcome.code != 0
    assert outcome.message == message


def test_the_message_is_of_this_attempt_and_the_log_of_all(job):
    Attempt(job("raise ValueError('first')")).wait()
    second = job("import sys; sys.exit(1)")
    assert Attempt(second).wait().message == "ended with exit code 1"
    assert "first" in second.log.read_text()
    assert last_words(second.log) != ""


def test_a_process_waits_for_the_lock_of_its_cell(tmp_path):
    log, lock = tmp_path / "log", tmp_path / "lock"
    with hold(lock):
        attempt = Attempt(Job("cell", ("--version",), tmp_path, log, lock))
        time.sleep(1)
        assert attempt.poll() is None
        assert "wmframe " not in log.read_text()
    assert attempt.wait().code == 0
    assert "wmframe " in log.read_text()


@pytest.mark.parametrize(("code", "sign"), [(SLEEP, 2), (STUBBORN, 9)])
def test_stopping_interrupts_and_kills_what_does_not_end(job, at_work, monkeypatch, code, sign):
    executor, one = LocalExecutor(2), job(code)
    executor.start(one)
    at_work(one, lambda: executor.wait(0))
    process = executor._attempts["cell"]._process
    monkeypatch.setattr(processes, "PATIENCE", 0.5 if sign == 9 else 20)
    executor.stop()
    assert process.returncode in (-sign, 1, 130)
    assert ("KeyboardInterrupt" in one.log.read_text()) == (sign == 2)


def test_the_program_can_be_interrupted_where_interrupts_are_ignored(job):
    """As in a shell's background job, or in a worker of Ray."""
    code = "import wmframe.cli as c, time; c.main = lambda words: (print('at work', flush=True), "
    code += "time.sleep(60)); from wmframe.cli.cell import main; main()"
    one = job(code)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        attempt = Attempt(one)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, before)
    while "at work" not in one.log.read_text():
        time.sleep(0.05)
    assert "process" in holder(one.lock)
    attempt.interrupt()
    attempt.end(20)
    assert "KeyboardInterrupt" in one.log.read_text()
    assert holder(one.lock) is None


def test_a_lock_that_cannot_be_made_fails_the_attempt(tmp_path):
    job = Job("cell", ("--version",), tmp_path, tmp_path / "log", tmp_path / "nowhere" / "lock")
    outcome = Attempt(job).wait()
    assert (outcome.code, "could not be written" in outcome.message) == (1, True)


def test_a_log_that_cannot_be_written_is_one_message(tmp_path):
    with pytest.raises(WmframeError, match="could not be written"):
        Attempt(Job("cell", (), tmp_path, tmp_path / "nowhere" / "log", tmp_path / "lock"))


def test_a_lock_belongs_to_one_holder(tmp_path):
    lock = tmp_path / "lock"
    with hold(lock), pytest.raises(UsageError, match=f"process {os.getpid()} on"), hold(lock):
        pass
    assert holder(lock) is None
