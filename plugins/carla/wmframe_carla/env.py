"""One CARLA environment: episodes, their ends, and reconnecting to servers."""

from __future__ import annotations

import time
import warnings

import numpy as np
from gymnasium import spaces

from wmframe.envs.simulator import Frame, Observation, SimulatorEnv
from wmframe.errors import SimulatorError
from wmframe_carla.claim import Claim, candidates
from wmframe_carla.config import CameraConfig, CarlaConfig
from wmframe_carla.ends import End, ending
from wmframe_carla.reward import Reward, reward
from wmframe_carla.scene import Scene, Sight
from wmframe_carla.server import START
from wmframe_carla.tasks import SCORES

NOTHING = Reward(0.0, 0.0, 0.0, 0.0, 0.0)


class CarlaEnv(SimulatorEnv):
    """Drives a car: actions are steering and pedal, a decision pays the mean of its frames.

    A server is taken at the first reset. When it fails during an episode, that episode is
    truncated and the next one begins on a new connection.
    """

    def __init__(self, settings: CarlaConfig, evaluation: bool = False) -> None:
        self._settings, self._evaluation = settings, evaluation
        self._claim: Claim | None = None
        self._scene: Scene | None = None
        self._picture = blank(settings.cameras)
        self._distance = 0.0
        self._failed, self._failures = False, 0
        super().__init__(
            spaces.Dict({"image": spaces.Box(0, 255, self._picture.shape, np.uint8)}),
            spaces.Box(-1.0, 1.0, (2,), np.float32),
            action_repeat=settings.action_repeat,
            time_limit=settings.time_limit,
            scores=SCORES,
        )

    def begin(self, seed: int) -> None:
        """Begin an episode, after some waiting if the server has to come back.

        Raises:
            SimulatorError: it does not, or it cut one episode after the other short.
        """
        server = self._settings.server
        self._failures = self._failures + 1 if self._failed else 0
        self._failed = False
        if self._failures > server.retries:
            raise self._given_up(f"failed in {self._failures} episodes in a row")
        for attempt in range(server.retries + 1):
            if attempt:
                time.sleep(server.retry_wait)
            try:
                return self._begin(seed)
            except RuntimeError as fault:
                self._drop()
                last = fault
        raise self._given_up(f"does not work: {last}") from last

    def _begin(self, seed: int) -> None:
        server = self._settings.server
        if self._claim is None:
            self._claim = Claim(server.host, candidates(server, self._evaluation))
        if self._scene is None:
            self._scene = Scene.open(self._settings, self._claim.port)
        self._scene.begin(seed)
        self._picture = self._scene.picture()
        self._distance = 0.0

    def step(self, action: np.ndarray) -> tuple[Observation, float, bool, bool, dict[str, object]]:
        """Repeat ``action`` and observe once; the reward is the mean of the frames'."""
        before = self._frames
        obs, total, terminated, truncated, info = super().step(action)
        return obs, total / (self._frames - before), terminated, truncated, info

    def advance(self, action: np.ndarray) -> Frame:
        """Simulate a frame of ``[steer, pedal]``, each in [-1, 1].

        A server that fails ends the episode: truncated, with the last picture and no reward.
        """
        steer, pedal = (float(value) for value in np.clip(action, -1, 1))
        assert self._scene is not None, "reset() comes first"
        try:
            sight = self._scene.drive(steer, pedal)
            self._picture = self._scene.picture()
        except RuntimeError as fault:
            return self._fault(fault)
        return self._judged(sight, steer)

    def _judged(self, sight: Sight, steer: float) -> Frame:
        settings = self._settings
        metres = sight.fix.along * settings.dt
        self._distance += metres
        paid = reward(
            settings.reward,
            metres=metres,
            offset=sight.fix.offset,
            impulse=sight.impulse,
            steer=steer,
        )
        end = ending(
            settings.ends,
            sight.fix,
            frame=self._frames + 1,
            height=sight.height,
            rising=sight.rising,
        )
        return self._frame(paid, end)

    def _frame(self, paid: Reward, end: End | None) -> Frame:
        costs = {name: value for name, value in paid._asdict().items() if name.endswith("_cost")}
        info = {"distance": self._distance, **costs}
        if end is None:
            return Frame(paid.total, info=info)
        return Frame(paid.total, end.terminal, not end.terminal, {**info, "end": end.reason})

    def _fault(self, fault: RuntimeError) -> Frame:
        warnings.warn(f"CARLA {self._where()} failed, the episode ends: {fault}", stacklevel=2)
        self._failed = True
        self._drop()
        return self._frame(NOTHING, End("server_failed", False))

    def observe(self) -> Observation:
        """The pictures of the cameras, side by side."""
        return {"image": self._picture}

    def close(self) -> None:
        """Destroy what is on the server, give it its own time back and let others take it."""
        self._drop()
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def _drop(self) -> None:
        scene, self._scene = self._scene, None
        if scene is not None:
            scene.close()

    def _where(self) -> str:
        port = self._claim.port if self._claim else "?"
        return f"at {self._settings.server.host}, port {port},"

    def _given_up(self, what: str) -> SimulatorError:
        port = self._claim.port if self._claim else self._settings.server.ports[0]
        start = START.format(port=port)
        hint = f"start the server ({start}), then run: wmframe doctor carla --port {port}"
        return SimulatorError(f"CARLA {self._where()} {what}", hint)


def blank(config: CameraConfig) -> np.ndarray:
    """A black picture, uint8 [H, count * W, 3]."""
    return np.zeros((config.size, config.count * config.size, 3), np.uint8)
