"""Renders MuJoCo scenes off screen with the quality of a profile.

What a profile changes matters only while the model is uploaded to OpenGL, or is a flag of the
scene; the model is restored afterwards, so physics is the same in every profile.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wmframe.envs.meshes import thinned
from wmframe.envs.profiles import PROFILES, Render, RenderProfile
from wmframe.envs.screen import Screen  # before mujoco: it chooses the OpenGL back end
from wmframe.errors import SimulatorError

# isort: split
import mujoco

MAX_GEOMS = 2000


class OffscreenCamera:
    """One camera's view of a simulation.

    Several may live in a process with EGL, next to other rendering libraries; each keeps an OpenGL
    context until :meth:`close`. One thread at a time may use a camera, any of them.

    Args:
        model: an ``mujoco.MjModel``.
        data: the ``mujoco.MjData`` to draw.
        camera: a camera's name or number; -1 is MuJoCo's free camera.
        size: side of the square picture in pixels.
        render: a name of :data:`wmframe.envs.profiles.PROFILES`.
        rays: whether those of rangefinders are drawn, as MuJoCo does by default.

    Raises:
        SimulatorError: the model has no such camera, or OpenGL is not available.
    """

    def __init__(
        self,
        model: Any,
        data: Any,
        *,
        camera: str | int,
        size: int,
        render: Render,
        rays: bool = True,
    ) -> None:
        profile = PROFILES[render]
        self._model, self._data = model, data
        self._camera = find_camera(model, camera)
        self._option = mujoco.MjvOption()
        self._option.flags[mujoco.mjtVisFlag.mjVIS_RANGEFINDER] = rays
        self._rect = mujoco.MjrRect(0, 0, size, size)
        self._pixels = np.empty((size, size, 3), np.uint8)
        with _upload_settings(model, profile, size):
            self._scene = mujoco.MjvScene(model, MAX_GEOMS)
            self._screen = Screen(model, size)
        weakref.finalize(self, self._screen.drop).atexit = False
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = profile.shadow != 0
        self._scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = profile.reflections

    def image(self) -> NDArray[np.uint8]:
        """The rendered image, uint8 [size, size, 3], first row on top."""
        mujoco.mjv_updateScene(
            self._model,
            self._data,
            self._option,
            None,
            self._camera,
            mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        with self._screen.current() as context:
            mujoco.mjr_render(self._rect, self._scene, context)
            mujoco.mjr_readPixels(self._pixels, None, self._rect, context)
        return self._pixels[::-1].copy()  # OpenGL's first row is at the bottom

    def upload_terrain(self) -> None:
        """Upload height fields that have changed since the camera was created."""
        with self._screen.current() as context:
            for index in range(self._model.nhfield):
                mujoco.mjr_uploadHField(self._model, context, index)

    def close(self) -> None:
        """Free the OpenGL context; the camera cannot be used afterwards."""
        self._screen.free()


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
