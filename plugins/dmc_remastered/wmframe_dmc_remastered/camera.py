"""A camera whose textures can be replaced without a new OpenGL context."""

from __future__ import annotations

from typing import Any

from wmframe.envs.mujoco import OffscreenCamera

# isort: split
import mujoco


class TextureCamera(OffscreenCamera):
    """Renders one model with the textures of another."""

    def upload_textures(self, model: Any) -> None:
        """Use the textures of ``model``, which has the same number; their sizes may differ."""
        with self._screen.current() as context:
            for index in range(model.ntex):
                mujoco.mjr_uploadTexture(model, context, index)
