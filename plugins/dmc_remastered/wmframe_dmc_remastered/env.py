"""One environment of DMC Remastered: dm_control's task in the look of the episode."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding

from wmframe.envs.profiles import PROFILES
from wmframe.envs.simulator import Frame, Observation, SimulatorEnv, pixels, vector
from wmframe_dmc_remastered.ahead import Ahead
from wmframe_dmc_remastered.camera import TextureCamera  # before dm_control: it chooses OpenGL
from wmframe_dmc_remastered.config import DmcRemasteredConfig
from wmframe_dmc_remastered.looks import draw_look
from wmframe_dmc_remastered.scene import Scene, wear
from wmframe_dmc_remastered.seeds import EpisodeSeeds, Seeds, episode_seeds
from wmframe_dmc_remastered.tasks import NAMES, task_name
from wmframe_dmc_remastered.textures import choose

# isort: split
from dm_control import suite


class DmcRemasteredEnv(SimulatorEnv):
    """Steps dm_control's environment, which is built once, and exchanges what pictures need.

    Args:
        settings: of the suite.
        seeds: the visual seeds to draw from.
    """

    def __init__(self, settings: DmcRemasteredConfig, seeds: Seeds) -> None:
        self._settings, self._seeds = settings, seeds
        self._domain, task = NAMES[task_name(settings.task)]
        self._textures, self._scene = choose(settings.assets), Scene(self._domain)
        self._vary = set(settings.vary) - ({"camera"} if settings.fixed_camera else set())
        self._env: Any = suite.load(self._domain, task, task_kwargs={"random": 0})
        self._env.physics.reload_from_xml_string(*self._scene.physics())
        self._camera = self._open_camera()
        self._shown: int | None = None
        self._shadow = self._model.vis.quality.shadowsize
        self._looks: Ahead[int, Any] = Ahead(self._compiled)
        self._vectors: Observation = {}
        super().__init__(
            spaces.Dict(self._spaces()),
            self._actions(),
            action_repeat=settings.action_repeat,
            time_limit=settings.time_limit,
            scores={},
        )

    @property
    def _model(self) -> Any:
        return self._env.physics.model.ptr

    def _open_camera(self) -> TextureCamera:
        return TextureCamera(
            self._model,
            self._env.physics.data.ptr,
            camera=self._settings.camera,
            size=self._settings.size,
            render=self._settings.render,
        )

    def _spaces(self) -> dict[str, spaces.Space[Any]]:
        found: dict[str, spaces.Space[Any]] = {"image": pixels(self._settings.size)}
        if self._settings.proprioception:
            specs = self._env.observation_spec()
            found |= {key: vector(int(np.prod(spec.shape))) for key, spec in specs.items()}
        return found

    def _actions(self) -> spaces.Box:
        act = self._env.action_spec()
        low, high = (np.broadcast_to(bound, act.shape) for bound in (act.minimum, act.maximum))
        return spaces.Box(low.astype(np.float32), high.astype(np.float32))

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode; the info says which visual and dynamics seed it has.

        Without a seed, the episode after it is known, and its look is made ahead.
        """
        observation, _ = super().reset(seed=seed, options=options)
        if seed is None:
            self._announce(deepcopy(self.np_random))
        seeds = {"visual_seed": self.seeds.visual, "dynamics_seed": self.seeds.dynamics}
        return observation, seeds

    def prepare(self, seed: int) -> None:
        """Say that ``reset(seed=seed)`` comes next, so that its look can be made ahead."""
        self._announce(seeding.np_random(seed)[0])

    def _announce(self, stream: np.random.Generator) -> None:
        visual = self._draw(int(stream.integers(2**31))).visual  # as SimulatorEnv.reset draws it
        if visual != self._shown:
            self._looks.announce(visual)

    def _draw(self, seed: int) -> EpisodeSeeds:
        return episode_seeds(seed, self._seeds, self._settings.dynamics_seeds)

    def begin(self, seed: int) -> None:
        """Reset to the visual and the dynamics seed that ``seed`` draws."""
        self.play(self._draw(seed))

    def play(self, seeds: EpisodeSeeds) -> None:
        """Reset to a visual and a dynamics seed.

        Raises:
            DamagedError: a texture cannot be decoded.
        """
        self.seeds = seeds
        self._show(seeds.visual)  # cameras and lights before the reset, which places them
        self._env.task.random.seed(seeds.dynamics)
        self._take(self._env.reset().observation)

    def _show(self, visual: int) -> None:
        if visual == self._shown:
            return
        look = self._looks.take(visual)
        wear(self._model, look)
        size = self._model.vis.quality.shadowsize
        if PROFILES[self._settings.render].shadow is None and size != self._shadow:
            self._camera.close()  # the shadow map's size is fixed when the context is made
            self._camera = self._open_camera()
            self._shadow = size
        self._camera.upload_textures(look)
        self._shown = visual

    def _compiled(self, visual: int) -> Any:
        return self._scene.model(draw_look(visual, self._domain, self._vary), self._textures)

    def advance(self, action: np.ndarray) -> Frame:
        """Simulate one control step."""
        step = self._env.step(action)
        self._take(step.observation)
        terminated = step.last() and step.discount == 0
        return Frame(step.reward or 0.0, terminated, step.last() and not terminated)

    def _take(self, observation: Mapping[str, Any]) -> None:
        if self._settings.proprioception:
            self._vectors = {k: np.ravel(v).astype(np.float32) for k, v in observation.items()}

    def observe(self) -> Observation:
        """The picture, and the task's own vectors if asked for."""
        return {"image": self._camera.image(), **self._vectors}

    def close(self) -> None:
        """End the thread, free the camera and the simulator."""
        self._looks.close()
        self._camera.close()
        self._env.close()
