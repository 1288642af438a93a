"""Draws MuJoCo scenes off screen at the quality a profile asks for.

What a profile changes matters only while the model is uploaded to OpenGL, or is a flag of the
scene; the model is restored afterwards, so physics is the same in every profile.
"""

from __future__ import annotations

import atexit
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wmframe.envs import gl

gl.configure()  # MuJoCo reads MUJOCO_GL when it is imported

import mujoco  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from wmframe.envs.meshes import thinned  # noqa: E402
from wmframe.envs.profiles import PROFILES, Render, RenderProfile  # noqa: E402
from wmframe.errors import SimulatorError  # noqa: E402

MAX_GEOMS = 2000


class OffscreenCamera:
    """One camera's view of a simulation.

    Several may live in a process with EGL; each keeps an OpenGL context until :meth:`close`.

    Args:
        model: an ``mujoco.MjModel``.
        data: the ``mujoco.MjData`` to draw.
        camera: a camera's name or number; -1 is MuJoCo's free camera.
        size: side of the square picture in pixels.
        render: a name of :data:`wmframe.envs.profiles.PROFILES`.

    Raises:
        SimulatorError: the model has no such camera, or OpenGL is not available.
    """

    def __init__(
        self, model: Any, data: Any, *, camera: str | int, size: int, render: Render
    ) -> None:
        profile = PROFILES[render]
        self._model, self._data = model, data
        self._camera = find_camera(model, camera)
        self._option = mujoco.MjvOption()
        self._rect = mujoco.MjrRect(0, 0, size, size)
        self._pixels = np.empty((size, size, 3), np.uint8)
        with _upload_settings(model, profile, size):
            self._scene = mujoco.MjvScene(model, MAX_GEOMS)
            self._gl, self._context = _open(model, size)
        self._free = weakref.finalize(self, _free, self._context, self._gl)
        # at the interpreter's exit, too, but before MuJoCo, which registered earlier, ends OpenGL:
        # finalizers run in the place of the first one that any library made
        self._free.atexit = False
        atexit.register(self._free)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = profile.shadow != 0
        self._scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = profile.reflections

    def image(self) -> NDArray[np.uint8]:
        """The picture now, uint8 [size, size, 3], first row on top."""
        mujoco.mjv_updateScene(
            self._model,
            self._data,
            self._option,
            None,
            self._camera,
            mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        self._gl.make_current()
        mujoco.mjr_render(self._rect, self._scene, self._context)
        mujoco.mjr_readPixels(self._pixels, None, self._rect, self._context)
        return self._pixels[::-1].copy()  # OpenGL's first row is at the bottom

    def upload_terrain(self) -> None:
        """Take over height fields that have changed since the camera was made."""
        self._gl.make_current()
        for index in range(self._model.nhfield):
            mujoco.mjr_uploadHField(self._model, self._context, index)

    def close(self) -> None:
        """Free the OpenGL context; the camera cannot be used afterwards."""
        self._free()


def _free(context: Any, screen: Any) -> None:
    screen.make_current()
    context.free()
    screen.free()


def find_camera(model: Any, camera: str | int) -> Any:
    """The ``mujoco.MjvCamera`` of a name or number."""
    view = mujoco.MjvCamera()
    if camera == -1:
        mujoco.mjv_defaultFreeCamera(model, view)
        return view
    names = [model.camera(index).name for index in range(model.ncam)]
    known = camera in names if isinstance(camera, str) else 0 <= camera < len(names)
    if not known:
        raise SimulatorError(f"the model has no camera {camera!r}", f"it has {', '.join(names)}")
    view.type = mujoco.mjtCamera.mjCAMERA_FIXED
    view.fixedcamid = names.index(camera) if isinstance(camera, str) else camera
    return view


def _open(model: Any, size: int) -> tuple[Any, Any]:
    """An OpenGL context, and the model uploaded to it."""
    try:
        screen = mujoco.GLContext(size, size)
        screen.make_current()
        return screen, mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_150)
    except Exception as error:  # each back end raises classes of its own
        backend = os.environ.get("MUJOCO_GL", "MuJoCo's default")
        message = f"OpenGL is not available (back end: {backend}): {error}"
        hint = "run: wmframe doctor; MUJOCO_GL has to be set before mujoco is first imported"
        raise SimulatorError(message, hint) from error


@contextmanager
def _upload_settings(model: Any, profile: RenderProfile, size: int) -> Iterator[None]:
    """Edit the model as the profile wants it in OpenGL; restore it afterwards."""
    quality, screen = model.vis.quality, model.vis.global_
    kept = quality.shadowsize, quality.offsamples, screen.offwidth, screen.offheight
    screen.offwidth = screen.offheight = size
    if profile.shadow is not None:
        quality.shadowsize = profile.shadow
    if profile.samples is not None:
        quality.offsamples = profile.samples
    try:
        with thinned(model, profile.cell):
            yield
    finally:
        quality.shadowsize, quality.offsamples, screen.offwidth, screen.offheight = kept
