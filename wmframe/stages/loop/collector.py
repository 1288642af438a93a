"""Connects simulators to an agent and a replay.

Each turn the collector sends actions, lets the caller learn while the simulators step, then
receives one row from each. The order is fixed, so runs are reproducible for any number of workers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch

from wmframe.envs.vector import Rows, Simulators
from wmframe.errors import DIVERGED_HINT, DivergedError, WmframeError
from wmframe.interfaces.models import Agent
from wmframe.training.capture import Work
from wmframe.training.tree import rebuild
from wmframe.types import Episode, Mode, State

Row = dict[str, np.ndarray]

ENDLESS_HINT: Final = (
    "end episodes by the suite's time_limit, or raise the replay's capacity if they are that long"
)


class Collector:
    """Steps simulators with an agent and passes on finished episodes.

    Args:
        simulators: N simulators.
        sink: called with each finished episode, in simulator order.
        seed: fixes random actions.
        device: where the agent computes.
        policy: replaces the agent's ``act`` in mode train: the same function, captured as a CUDA
            graph.
        limit: maximum decisions per episode, for environments that may never end; None for no
            limit.
        cut: whether an episode at the limit is truncated and passed on without scores; otherwise it
            is an error.
    """

    def __init__(
        self,
        simulators: Simulators,
        sink: Callable[[Episode], object],
        seed: int,
        device: str,
        policy: Work | None = None,
        *,
        limit: int | None = None,
        cut: bool = False,
    ) -> None:
        self.simulators = simulators
        self.device = device
        self._sink = sink
        self._seed = seed
        self._policy = policy
        self._limit, self._cut = limit, cut
        self._turn = 0
        self._rows: Rows | None = None
        self._partial: list[list[Row]] = [[] for _ in range(simulators.count)]
        self._agent_state: State = None

    def send(self, agent: Agent | None, mode: Mode) -> None:
        """Choose an action for every simulator and start their steps.

        ``agent`` None, or ``mode`` random, draws uniform actions; so does the very first turn,
        whose actions are ignored by the simulators.
        """
        if self._rows is None:
            self.simulators.send(None)
        elif agent is None or mode == "random":
            self._agent_state = None
            self.simulators.send(self._random_actions())
        else:
            self.simulators.send(self._choose(agent, mode))
        self._turn += 1

    def receive(self) -> int:
        """Wait for every simulator's row; return the number of decisions that were carried out.

        Raises:
            WmframeError: an episode exceeds the limit.
        """
        self._rows = rows = self.simulators.receive()
        for index in range(self.simulators.count):
            self._append(index, rows)
        return int((~rows.data["is_first"]).sum())

    def _append(self, index: int, rows: Rows) -> None:
        row = self.keep_of(index, rows)
        if row["is_first"]:
            self._partial[index] = []  # also drops what a dead simulator left unfinished
        self._partial[index].append(row)
        if row["is_last"]:
            self._hand_on(index, rows)
        elif self._limit is not None and len(self._partial[index]) > self._limit:
            self._end_early(index, rows)

    def keep_of(self, index: int, rows: Rows) -> Row:
        """A simulator's row in the form in which it is kept; subclasses that need less may override
        this.
        """
        return {key: value[index].copy() for key, value in rows.data.items()}

    def _hand_on(self, index: int, rows: Rows) -> None:
        steps = self._partial[index]
        data = {key: np.stack([step[key] for step in steps if key in step]) for key in steps[0]}
        number = int(rows.episode[index])
        worker = self.simulators.first + index
        self._sink(Episode(worker, number, data, rows.scores[index] or {}))
        self._partial[index] = []

    def _end_early(self, index: int, rows: Rows) -> None:
        if not self._cut:
            worker = self.simulators.first + index
            message = f"the episode of simulator {worker} has not ended after {self._limit} steps"
            raise WmframeError(message, ENDLESS_HINT)
        self._hand_on(index, rows)
        self.simulators.abandon(index)

    def _random_actions(self) -> np.ndarray:
        """The draws of this process's simulators, out of those for all simulators."""
        rng = np.random.default_rng([self._seed, self._turn])
        first, count = self.simulators.first, self.simulators.count
        return np.stack([self.simulators.codec.sample(rng) for _ in range(first + count)][first:])

    def _choose(self, agent: Agent, mode: Mode) -> np.ndarray:
        assert self._rows is not None  # send() checks this
        obs = {key: torch.from_numpy(self._rows.data[key]) for key in self.simulators.obs}
        obs["is_first"] = torch.from_numpy(self._rows.data["is_first"].astype(np.float32))
        obs = {key: value.to(self.device, non_blocking=True) for key, value in obs.items()}
        state = self._agent_state
        if state is None:
            state = agent.initial_state(self.simulators.count)
        with torch.inference_mode():
            if self._policy is not None and mode == "train":
                action_NA, self._agent_state = self._policy(obs, state)
            else:
                action_NA, self._agent_state = agent.act(obs, state, mode)
        actions_NA: np.ndarray = action_NA.float().cpu().numpy()
        if not np.isfinite(actions_NA).all():
            raise DivergedError("the policy diverged: its actions are not finite", DIVERGED_HINT)
        return actions_NA

    def state(self) -> dict[str, Any]:
        """Checkpoint state for resuming in the middle of episodes."""
        return {
            "turn": self._turn,
            "simulators": self.simulators.state(),
            "agent": self._agent_state,
        }

    def restore(self, state: dict[str, Any], like: State) -> None:
        """Resume from :meth:`state`: simulators replay their unfinished episodes.

        Args:
            state: as it was saved; tensors may lie on another device.
            like: an agent state of the right structure, on the right device.
        """
        self._turn = state["turn"]
        self._agent_state = None if state["agent"] is None else rebuild(state["agent"], like)
        self._partial, self._rows = self.simulators.restore(state["simulators"])
