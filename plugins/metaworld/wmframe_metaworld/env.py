"""One Meta-World environment: seeding, the first frame, the camera and image orientation."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from wmframe.envs.mujoco import OffscreenCamera  # first: it chooses MuJoCo's OpenGL back end
from wmframe.envs.simulator import Frame, Observation, SimulatorEnv, pixels, vector
from wmframe_metaworld.config import MetaWorldConfig, Orientation
from wmframe_metaworld.tasks import task_name

# isort: split
import mujoco
from metaworld import ALL_V3_ENVIRONMENTS_GOAL_OBSERVABLE

STATE_LENGTH = 39
REFERENCE_CORNER2 = (0.75, 0.075, 0.7)


class MetaWorldEnv(SimulatorEnv):
    """Draws a new goal and object position at every reset, as the reference does.

    Meta-World's own ``reset(seed=)`` is not honoured, and its MT1 wrapper knows only 50 fixed
    goals; here each episode's random vector comes from the episode's seed.
    """

    def __init__(self, settings: MetaWorldConfig) -> None:
        self._settings = settings
        name = f"{task_name(settings.task)}-v3-goal-observable"
        build: Any = ALL_V3_ENVIRONMENTS_GOAL_OBSERVABLE[name]  # its annotation lacks the seed
        self._env = build(seed=0)
        self._env._freeze_rand_vec = False  # a new random vector at every reset ...
        self._env.seeded_rand_vec = True  # ... from the environment's own generator
        if settings.camera == "corner2":
            self._env.model.camera("corner2").pos[:] = REFERENCE_CORNER2
        self._state = np.zeros(STATE_LENGTH)
        self._camera = OffscreenCamera(
            self._env.model,
            self._env.data,
            camera=settings.camera,
            size=settings.size,
            render=settings.render,
        )
        spaces_by_key = {"image": pixels(settings.size)}
        if settings.state:
            spaces_by_key["state"] = vector(STATE_LENGTH)
        super().__init__(
            spaces.Dict(spaces_by_key),
            self._env.action_space,
            action_repeat=settings.action_repeat,
            time_limit=settings.time_limit,
            scores={"success": "max"},
        )

    def begin(self, seed: int) -> None:
        """Reset to what ``seed`` draws.

        Meta-World moves objects without computing where that puts them, so its first observation
        shows an earlier draw; unless asked to keep that, compute and look again.
        """
        self._env.seed(seed)
        self._state, _ = self._env.reset()
        if not self._settings.stale_first_frame:
            mujoco.mj_forward(self._env.model, self._env.data)
            self._state = self._env._get_obs()
            self._state[18:36] = self._state[:18]  # there is no previous frame yet

    def advance(self, action: np.ndarray) -> Frame:
        """Simulate 12.5 ms."""
        self._state, reward, _, _, info = self._env.step(action)
        return Frame(float(reward), info=info)

    def observe(self) -> Observation:
        """The picture, and the state if asked for."""
        observation: Observation = {
            "image": orient(self._camera.image(), self._settings.orientation)
        }
        if self._settings.state:
            observation["state"] = self._state.astype(np.float32)
        return observation

    def close(self) -> None:
        """Free the camera and the simulator."""
        self._camera.close()
        self._env.close()


def orient(image_HWC: np.ndarray, orientation: Orientation) -> np.ndarray:
    """Turn a picture, which the corner cameras give upside down.

    mujoco-py handed the reference OpenGL's rows unflipped, so that it saw scenes upright but
    mirrored.
    """
    if orientation == "raw":
        return image_HWC
    return image_HWC[::-1] if orientation == "reference" else image_HWC[::-1, ::-1]
