"""One environment of the DeepMind Control Suite."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import numpy as np
from gymnasium import spaces
from packaging.version import Version

from wmframe.envs.mujoco import OffscreenCamera  # first: it chooses MuJoCo's OpenGL back end
from wmframe.envs.simulator import Frame, Observation, SimulatorEnv, pixels, vector
from wmframe.errors import SimulatorError
from wmframe_dmc.config import DmcConfig
from wmframe_dmc.tasks import NAMES, task_name

# isort: split
from dm_control import suite

ISIN = Version("1.0.36")  # the first dm_control that calls np.isin instead of np.in1d
NO_IN1D = Version("2.4")  # the first NumPy without np.in1d
MODEL_SEED = 0  # lqr draws its model when it is loaded: have the same one everywhere


class DmcEnv(SimulatorEnv):
    """Steps dm_control's environment and draws its physics with our own camera.

    dm_control's own ``physics.render`` builds a scene a call, which costs three times as much.
    """

    def __init__(self, settings: DmcConfig) -> None:
        domain, task = NAMES[task_name(settings.task)]
        check_numpy(domain, version("dm_control"), version("numpy"))
        self._env = suite.load(domain, task, task_kwargs={"random": MODEL_SEED})
        self._proprioception = settings.proprioception
        self._vectors: Observation = {}
        physics = self._env.physics
        physics._make_rendering_contexts = no_contexts
        self._moving_terrain = physics.model.nhfield > 0
        self._camera: OffscreenCamera | None = None
        spaces_by_key = {}
        if settings.pixels:
            self._camera = OffscreenCamera(
                physics.model.ptr,
                physics.data.ptr,
                camera=default_camera(domain) if settings.camera == -1 else settings.camera,
                size=settings.size,
                render=settings.render,
                rays=False,  # dm_control's own pictures do not show them
            )
            spaces_by_key["image"] = pixels(settings.size)
        if settings.proprioception:
            specs = self._env.observation_spec()
            spaces_by_key |= {key: vector(int(np.prod(s.shape))) for key, s in specs.items()}
        act = self._env.action_spec()
        low, high = (np.broadcast_to(bound, act.shape) for bound in (act.minimum, act.maximum))
        super().__init__(
            spaces.Dict(spaces_by_key),
            spaces.Box(low.astype(np.float32), high.astype(np.float32)),
            action_repeat=settings.action_repeat,
            time_limit=settings.time_limit,
            scores={},
        )

    def begin(self, seed: int) -> None:
        """Reset with ``seed``, without rebuilding the environment."""
        self._env.task.random.seed(seed)
        self._take(self._env.reset().observation)
        if (
            self._camera and self._moving_terrain
        ):  # quadruped's escape raises new hills in every episode
            self._camera.upload_terrain()

    def advance(self, action: np.ndarray) -> Frame:
        """Simulate one control step."""
        step = self._env.step(action)
        self._take(step.observation)
        terminated = step.last() and step.discount == 0
        return Frame(step.reward or 0.0, terminated, step.last() and not terminated)

    def _take(self, observation: Mapping[str, np.ndarray]) -> None:
        if self._proprioception:
            self._vectors = {k: np.ravel(v).astype(np.float32) for k, v in observation.items()}

    def observe(self) -> Observation:
        """The image and the task's vectors, as configured."""
        picture = {"image": self._camera.image()} if self._camera else {}
        return {**picture, **self._vectors}

    def close(self) -> None:
        """Free the camera and the simulator."""
        if self._camera:
            self._camera.close()
        self._env.close()


def no_contexts() -> None:
    """Make none of dm_control's OpenGL contexts.

    Its quadruped makes one in order to upload hills, and then takes it for current without looking:
    it would upload them over what another camera draws.
    """


def check_numpy(domain: str, control: str, numpy: str) -> None:
    """No range of versions says this: the quadruped of an older dm_control needs an older NumPy.

    Raises:
        SimulatorError: dm_control calls what that NumPy has not got.
    """
    if domain == "quadruped" and Version(control) < ISIN and Version(numpy) >= NO_IN1D:
        message = f"the quadruped of dm_control {control} calls np.in1d, which NumPy {numpy} lacks"
        raise SimulatorError(message, f"install numpy<{NO_IN1D}, or dm_control>={ISIN}")


def default_camera(domain: str) -> int:
    """The camera that DreamerV2 and APV used."""
    return 2 if domain == "quadruped" else 0
