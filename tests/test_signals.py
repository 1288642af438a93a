"""A process that is asked to end does so in good order, and soon, even if a library hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from wmframe.signals import Interrupted, interruptible

STUBBORN = """
import time
from wmframe.signals import interruptible
with interruptible(patience=1.0):
    while True:
        try:
            print("ready", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            pass
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_scheduler_interrupts_as_a_user_does(number):
    with pytest.raises(Interrupted) as caught, interruptible():
        os.kill(os.getpid(), number)
        time.sleep(5)
    assert caught.value.status == 128 + number
    assert signal.getsignal(number) is not None


def test_what_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(0.05)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_lets_no_interrupt_through_is_ended_all_the_same(number):
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    assert 0.5 < time.monotonic() - began < 10
    process.stdout.close()


FIRST = """
import os, signal, sys, threading
from wmframe.cli import main
timer = threading.Timer(float(sys.argv[1]), lambda: os.kill(os.getpid(), signal.SIGINT))
timer.daemon = True
timer.start()
main(["list-plugins"])
"""


@pytest.mark.parametrize("pause", [0.02, 0.06, 0.1, 0.2])
def test_the_command_line_is_interrupted_without_a_traceback_from_its_start_on(pause):
    command = [sys.executable, "-c", FIRST, str(pause)]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 130)
