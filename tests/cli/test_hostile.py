"""Command lines that cannot work: one message each, the documented status, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.packages import write_plugin

TINY = """
device = "cpu"
trackers = []
[stages.collect]
use = "collect"
env_steps = 4
processes = false
suite = { use = "blank", size = 8, time_limit = 2 }
"""
LONG = "x" * 300

NOISY = """
import os, subprocess, sys
print("NOISE at import")
sys.__stdout__.write("NOISE to the real stdout\\n")
os.write(1, b"NOISE from C\\n")
subprocess.run([sys.executable, "-c", "print('NOISE of a program')"])
from wmframe.plugin import Component, impl

@impl
def wmframe_components():
    print("NOISE in a hook")
    yield Component("suite", "noisy", target="noisy_target:Suite", config="noisy_config:Config")
"""
NOISY_CONFIG = """
print("NOISE of settings")
import attrs

@attrs.frozen
class Config:
    pass
"""


def start(*words, cwd=None, path="", **options):
    """Run ``wmframe WORDS`` in a process of its own; words may be bytes."""
    command = [sys.executable, "-c", "from wmframe.cli import main; main()", *words]
    where = os.pathsep.join(filter(None, [str(path), os.environ.get("PYTHONPATH", "")]))
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    env = {**os.environ, "PYTHONPATH": where, "GLIBC_TUNABLES": ""}
    return subprocess.run(command, cwd=cwd, env=env, text=True, timeout=120, **options)


def one_message(outcome, code: int) -> str:
    """Check that an outcome is a message with its status; the message."""
    err = outcome.err if hasattr(outcome, "err") else outcome.stderr
    status = outcome.code if hasattr(outcome, "code") else outcome.returncode
    assert "Traceback" not in err
    assert err.startswith(("error: ", "Usage:")), err
    assert status == code, err
    assert len(err) < 2500
    return err


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "tiny.toml"
    file.write_text(TINY)
    return file


@pytest.mark.parametrize("command", ["validate", "run", "explain"])
@pytest.mark.parametrize("recipe", ["", ".", "/", "..", "a/", LONG, f"{LONG}/{LONG}", "/proc/self"])
def test_what_is_no_recipe_is_wrong_usage(wmframe, tiny, command, recipe):
    words = [command, recipe, *(["seed"] if command == "explain" else [])]
    one_message(wmframe(*words), 2)


@pytest.mark.parametrize(
    "text",
    [
        b'name = "\xff\xfe"',
        b"a = " + b"9" * 5000,
        b"a = " + b"[" * 3000 + b"]" * 3000,
        b"a = " + b"{a = " * 3000 + b"1" + b"}" * 3000,
        b".".join([b"a"] * 2000) + b" = 1",
        b"[" + b".".join([b"a"] * 2000) + b"]",
        b"a = " + b"[" * 100 + b"]" * 100,
        b"\n".join(b"a%d = 1" % n for n in range(20_000)),
        b"a = '" + b"x" * 2**20 + b"'",
        b"seed = 0x" + b"f" * 9000,
        b'name = "a\\u0000b"',
        b"x = 2020-01-01T00:00:00+99:99",
        b"\0",
        b"seed = 1e999",
        b"seed = nan",
        b"threads = -inf",
        b"extends = ''",
        b"extends = '" + b"x" * 300 + b"'",
        b"extends = ['.', '/']",
        b"plugins.local = ['" + b"y" * 300 + b"']",
        b"plugins.local = ['.']",
        b"profiles = 3",
        b"stages = 'x'",
    ],
    ids=lambda text: text[:20].decode("ascii", "replace"),
)
def test_a_file_that_is_no_recipe_is_one_message(wmframe, tiny, text):
    tiny.write_bytes(text + b"\n" + TINY.encode())
    outcome = wmframe("validate", tiny)
    err = one_message(outcome, 4 if b"plugins.local" in text else 3)
    assert "tiny.toml" in err


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ("seed=" + "9" * 5000, 2),
        ("description=" + "9" * 5000, 2),
        (".".join(["a"] * 2000) + "=1", 2),
        ("seed=" + "[" * 3000 + "]" * 3000, 2),
        ("seed=" + "{a=" * 500 + "1" + "}" * 500, 2),
        ("seed=" + ".".join(["a"] * 2000), 3),
        ("description=\udcff", 3),
        ("\udcff=1", 2),
        ("seed=99999999999999999999999", 3),
        ("seed=1e23", 3),
        ("seed=-1", 3),
        ('description="a\\u0000b"', 3),
        ("=1", 2),
        ("seed", 2),
        ("", 2),
        ("name=" + LONG, 3),
        ("name=..", 3),
        ("device=cuda:x", 3),
        ("device=gpu", 3),
        ("threads=2147483648", 3),
        ("stages.collect.env_steps=inf", 3),
        ("stages.collect.capacity=100000000000000000000", 3),
        ("stages.collect.suite.size=100000", 3),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_an_override_that_cannot_be_is_one_message(wmframe, tiny, override, code):
    one_message(wmframe("validate", tiny, "--set", override), code)
    one_message(wmframe("run", tiny, "--set", override), code)
    assert not (tiny.parent / "runs").exists()


def test_a_word_that_is_not_unicode_is_one_message(wmframe, tiny):
    for option in ("--set", "--profile", "--name"):
        one_message(
            wmframe("run", tiny, option, "description=\udcff"), {"--name": 2}.get(option, 3)
        )
    assert "there is no recipe" in one_message(start("validate", b"\xff.toml"), 2)


@pytest.mark.parametrize("name", ["", ".", "..", "a/../../b", LONG, "a\nb", "tiny.toml"])
def test_a_name_that_can_be_no_folder_is_refused(wmframe, tiny, name):
    code = 1 if name == "tiny.toml" else 2
    runs = ("--runs", ".") if code == 1 else ()
    one_message(wmframe("run", tiny, "--name", name, *runs), code)


@pytest.mark.parametrize("runs", ["file", "file/below", "/sys/x", "/proc/x", LONG, "/dev/null"])
def test_runs_that_can_be_no_folder_are_one_message(wmframe, tiny, runs):
    (tiny.parent / "file").touch()
    one_message(wmframe("run", tiny, "--runs", runs), 1)


def test_an_output_that_cannot_be_written_is_one_message(wmframe, tiny, tmp_path):
    (tmp_path / "file").touch()
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.png").write_bytes(b"")
    for out in ("file", "file/below", "/sys/x", LONG):
        words = ("videos", "pack", "video_folder", "--root", raw, "--out", out)
        assert "Traceback" not in wmframe(*words).err
    one_message(wmframe("bench", "data", "--out", "/sys/x", "--rounds", 1, "--workers", 0), 1)


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "mps"])
def test_a_device_that_is_not_there_is_said_before_the_folder_is_made(wmframe, tiny, device):
    import torch

    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("this machine has such a device")
    one_message(wmframe("run", tiny, "--set", f"device={device}"), 2)
    assert not (tiny.parent / "runs").exists()


def test_a_deleted_working_directory_hurts_what_needs_none(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    file = tmp_path / "tiny.toml"
    file.write_text(TINY)
    script = 'cd "$0" && rmdir "$0" && exec "$@"'
    words = [sys.executable, "-c", "from wmframe.cli import main; main()"]

    def there(*more):
        gone.mkdir(exist_ok=True)
        command = ["sh", "-c", script, gone, *words, *more]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert there("validate", file).returncode == 0
    assert there("validate", "bench/nothing-of-the-kind").returncode == 2
    assert "deleted" in one_message(there("run", file, "--runs", tmp_path / "runs"), 1)
    one_message(there("validate", "relative.toml"), 2)


@pytest.fixture
def noisy(tmp_path) -> Path:
    write_plugin(tmp_path, "noisy", NOISY)
    write_plugin(tmp_path, "exiter", "raise SystemExit('no licence')")
    (tmp_path / "noisy_config.py").write_text(NOISY_CONFIG)
    (tmp_path / "noisy_target.py").write_text("print('NOISE'); raise SystemExit('no licence')")
    return tmp_path


@pytest.mark.parametrize("words", [["schema"], ["list-plugins", "--json"]])
def test_a_plugin_that_prints_spoils_no_json(noisy, words):
    import json

    done = start(*words, path=noisy)
    assert done.returncode == 0
    assert "noisy" in json.dumps(json.loads(done.stdout))
    assert "NOISE" not in done.stdout
    for noise in ("at import", "to the real stdout", "from C", "of a program", "in a hook"):
        assert f"NOISE {noise}" in done.stderr


def test_a_target_that_ends_python_is_one_message(noisy, tiny):
    tiny.write_text(TINY.replace('"blank", size = 8, time_limit = 2', '"noisy"'))
    done = start("run", tiny, path=noisy)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.splitlines()[-2].startswith("error: cannot import noisy_target:Suite: no l")
    assert "Traceback" not in done.stderr


def test_a_full_disk_behind_stdout_is_one_message():
    with Path("/dev/full").open("w") as full:
        done = start("schema", stdout=full)
    assert "No space left" in one_message(done, 1)


def test_a_reader_that_stops_reading_gets_no_traceback():
    script = 'set -o pipefail; "$0" "$@" | head -c 10'
    words = [sys.executable, "-c", "from wmframe.cli import main; main()", "schema"]
    done = subprocess.run(["bash", "-c", script, *words], capture_output=True, text=True)
    assert done.stderr == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_hurt_nothing(tiny, closed):
    script = f'"$0" "$@" {closed}'
    words = [sys.executable, "-c", "from wmframe.cli import main; main()", "validate", tiny]
    done = subprocess.run(["sh", "-c", script, *words], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_terminals_encoding_lacks_is_no_failure(tiny):
    tiny.write_text(f'description = "m\u00fcde \u2603"\n{TINY}')
    command = [sys.executable, "-c", "from wmframe.cli import main; main()", "explain", tiny]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*command, "description"], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("description = ")


def test_a_message_moves_no_cursor(wmframe, tiny):
    err = one_message(wmframe("validate", "a\x1b[2Jb\r.toml"), 2)
    assert "\x1b" not in err
    assert "\\x1b[2Jb\\r" in err
