"""``wmframe doctor``: what it looks at, and what it says to type."""

from __future__ import annotations

import pytest

from wmframe.cli import doctor as doctor_module
from wmframe.cli.doctor import Finding, rendering
from wmframe.envs import gl
from wmframe.envs.gl import BackendResult

EGL = BackendResult("egl", False, "no libEGL", "apt-get install libegl1")
OSMESA = BackendResult("osmesa", True, "llvmpipe", "")


@pytest.fixture
def backends(monkeypatch):
    """Sets what the probe of OpenGL back ends finds, and ``MUJOCO_GL``."""

    def set_up(*results, chosen=None):
        monkeypatch.setattr(doctor_module, "find_spec", lambda name: name)
        monkeypatch.setattr(gl, "probe_backends", lambda: list(results))
        monkeypatch.delenv("MUJOCO_GL", raising=False)
        if chosen:
            monkeypatch.setenv("MUJOCO_GL", chosen)

    return set_up


def test_the_back_end_in_use_has_to_work_and_one_that_works_is_offered(backends):
    backends(EGL, OSMESA)
    egl, osmesa = rendering()
    assert not egl.ok
    assert egl.fix == "export MUJOCO_GL=osmesa or apt-get install libegl1"
    assert osmesa.ok


def test_a_back_end_that_is_not_in_use_may_fail(backends):
    backends(EGL, OSMESA, chosen="osmesa")
    assert all(finding.ok for finding in rendering())


def test_rendering_is_not_tried_without_mujoco(monkeypatch):
    monkeypatch.setattr(doctor_module, "find_spec", lambda name: None)
    assert list(rendering()) == []


def test_it_ends_with_0_when_all_is_well(wmframe, backends):
    backends(OSMESA, chosen="osmesa")
    outcome = wmframe("doctor")
    assert outcome.code == 0
    assert "ok   plugin wmframe" in outcome.out


def test_it_ends_with_1_and_hints_when_something_is_off(wmframe, backends, monkeypatch):
    backends()
    monkeypatch.setattr(doctor_module, "versions", lambda: [Finding("av", False, "gone", "pip")])
    outcome = wmframe("doctor")
    assert outcome.code == 1
    assert "off  av: gone\n     hint: pip" in outcome.out
