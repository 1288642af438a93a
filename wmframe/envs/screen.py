"""Screen: an OpenGL context that holds a model, and is current only while it is used.

OpenGL's calls go to whatever context is current in a thread, whichever they were meant for. Other
libraries draw in the same process and remember which context they made current last (dm_control),
so what was current before comes back after every use. A context that is current in one thread
cannot be used in another; between uses none of these is.
"""

from __future__ import annotations

import atexit
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from wmframe.envs import gl
from wmframe.errors import SimulatorError

gl.configure()  # MuJoCo reads MUJOCO_GL when it is imported

import mujoco  # noqa: E402


class Screen:
    """A model uploaded to OpenGL.

    Args:
        model: an ``mujoco.MjModel``.
        size: side of the picture in pixels.

    Raises:
        SimulatorError: OpenGL is not available.
    """

    def __init__(self, model: Any, size: int) -> None:
        free_dropped()
        try:
            with _others_kept():
                self._gl = mujoco.GLContext(size, size)
                self._gl.make_current()
                self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_150)
                mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        except Exception as error:  # each back end raises classes of its own
            backend = os.environ.get("MUJOCO_GL", "MuJoCo's default")
            message = f"OpenGL is not available (back end: {backend}): {error}"
            hint = "run: wmframe doctor; MUJOCO_GL has to be set before mujoco is first imported"
            raise SimulatorError(message, hint) from error
        _free_at_exit()
        _OPEN.add(self)

    @contextmanager
    def current(self) -> Iterator[Any]:
        """Draw with it inside the block, which gets the ``mujoco.MjrContext``.

        Raises:
            SimulatorError: it was freed.
        """
        if self not in _OPEN:
            raise SimulatorError("a camera is used after it was closed", "make another one")
        with _others_kept():
            self._gl.make_current()
            yield self._context

    def free(self) -> None:
        """Give the context back; nothing happens the second time."""
        if self in _OPEN:
            with self.current():
                _OPEN.discard(self)
                self._context.free()
                self._gl.free()

    def drop(self) -> None:
        """Free it soon: for finalizers, which may run between two calls of another screen."""
        _DROPPED.append(self)


_OPEN: Final[set[Screen]] = set()
_DROPPED: Final[deque[Screen]] = deque()


def free_dropped() -> None:
    """Free the screens whose cameras are gone."""
    while _DROPPED:
        _DROPPED.popleft().free()


@cache
def _free_at_exit() -> None:
    """Called once OpenGL has begun, so that it runs before MuJoCo ends that."""
    atexit.register(_free_all)


def _free_all() -> None:
    for screen in tuple(_OPEN):
        screen.free()


@contextmanager
def _others_kept() -> Iterator[None]:
    """Make current again afterwards what is current now, if anything is; EGL alone can tell."""
    if mujoco.GLContext.__module__ != "mujoco.egl":
        yield
        return
    from mujoco import egl

    api: Any = egl.EGL
    api.eglBindAPI(api.EGL_OPENGL_API)  # the API whose context is queried next
    display, context = api.eglGetCurrentDisplay(), api.eglGetCurrentContext()
    surfaces = [api.eglGetCurrentSurface(one) for one in (api.EGL_DRAW, api.EGL_READ)]
    try:
        yield
    finally:
        if context:
            api.eglMakeCurrent(display, *surfaces, context)
        elif egl.EGL_DISPLAY is not None:
            none = api.EGL_NO_SURFACE
            api.eglMakeCurrent(egl.EGL_DISPLAY, none, none, api.EGL_NO_CONTEXT)
