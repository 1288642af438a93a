from __future__ import annotations

import os

from wmframe.envs import gl


def test_configure_leaves_what_the_user_chose(monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    monkeypatch.setenv("LP_NUM_THREADS", "2")
    gl.configure()
    assert (os.environ["MUJOCO_GL"], os.environ["LP_NUM_THREADS"]) == ("osmesa", "2")


def test_configure_chooses_egl_without_threads_on_linux(monkeypatch):
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    monkeypatch.delenv("LP_NUM_THREADS", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    gl.configure()
    assert (os.environ["MUJOCO_GL"], os.environ["LP_NUM_THREADS"]) == ("egl", "0")


def test_the_probe_tries_every_back_end_and_says_how_to_mend_the_broken_ones():
    results = gl.probe_backends()
    assert [result.name for result in results] == ["egl", "osmesa", "glfw"]
    for result in results:
        assert result.detail
        assert bool(result.fix) != result.ok


def test_a_back_end_that_hangs_or_is_not_installed_is_a_result_not_an_exception(monkeypatch):
    monkeypatch.setattr(gl, "_PROBE", "import time; time.sleep(30)")
    assert "hangs" in gl._probe("egl", timeout=0.3).detail
    monkeypatch.setattr(gl, "_PROBE", "raise ModuleNotFoundError(\"No module named 'mujoco'\")")
    assert "pip install" in gl._probe("egl", timeout=20).fix
    monkeypatch.setattr(gl, "_PROBE", "import os; os.abort()")
    assert "exit code -6" in gl._probe("egl", timeout=20).detail
