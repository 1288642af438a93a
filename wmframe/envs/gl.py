"""OpenGL for headless machines: defaults, and a probe of the available backends.

MuJoCo chooses its OpenGL back end from ``MUJOCO_GL`` when it is first imported, so
:func:`configure` has to run before that.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Final, NamedTuple

FIXES: Final = {
    "egl": "apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri",
    "osmesa": "apt-get install libosmesa6",
    "glfw": "needs a display: set DISPLAY, or use MUJOCO_GL=egl",
}
"""Packages of each backend on Debian and Ubuntu, in the order of preference."""

_PROBE: Final = """
import mujoco
model = mujoco.MjModel.from_xml_string(
    "<mujoco><worldbody><light pos='0 0 3'/><geom size='1'/></worldbody></mujoco>")
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
with mujoco.Renderer(model, 16, 16) as renderer:
    renderer.update_scene(data)
    assert renderer.render().any(), "the picture is black"
    try:
        from OpenGL import GL
        print(GL.glGetString(GL.GL_RENDERER).decode())
    except Exception:
        print("renders")
"""


class BackendResult(NamedTuple):
    """The result of one OpenGL backend; ``fix`` is the remedy if it failed."""

    name: str
    ok: bool
    detail: str
    fix: str


def configure() -> None:
    """Choose EGL on Linux, and Mesa without threads, unless the user chose otherwise.

    Without threads of its own, software rendering costs least per frame and simulators in several
    processes do not fight over the cores.
    """
    if sys.platform.startswith("linux"):
        os.environ.setdefault("MUJOCO_GL", "egl")
    os.environ.setdefault("LP_NUM_THREADS", "0")


def probe_backends(timeout: float = 60.0) -> list[BackendResult]:
    """Render a ball with each backend, in separate processes: a broken driver may abort.

    Args:
        timeout: seconds after which a back end counts as hanging.
    """
    return [_probe(name, timeout) for name in FIXES]


def _probe(name: str, timeout: float) -> BackendResult:
    env = {**os.environ, "MUJOCO_GL": name, "LP_NUM_THREADS": "0"}
    env.pop("PYOPENGL_PLATFORM", None)  # a leftover of another back end would win over MUJOCO_GL
    command = [sys.executable, "-c", _PROBE]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return BackendResult(name, False, f"hangs (no picture in {timeout:.0f} s)", FIXES[name])
    if done.returncode == 0:
        return BackendResult(name, True, done.stdout.strip(), "")
    detail = _error_line(done.stderr) or f"died (exit code {done.returncode})"
    if "No module named 'mujoco'" in detail:
        return BackendResult(name, False, detail, "python -m pip install 'wmframe[mujoco]'")
    return BackendResult(name, False, detail, FIXES[name])


def _error_line(text: str) -> str:
    """The first exception named; what follows it is noise of contexts that were half made."""
    found = re.search(r"^[\w.]*(Error|Exception)\b.*$", text, re.MULTILINE)
    return found.group() if found else ""
