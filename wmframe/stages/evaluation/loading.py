"""Load a trained agent and act with it.

::

    agent = wmframe.load("runs/x")
    state = agent.initial_state(1)
    action, state = agent.act(obs, state)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import torch

from wmframe.config import Part
from wmframe.envs.actions import ActionCodec
from wmframe.errors import CheckpointError, MissingError
from wmframe.interfaces.models import Agent, Learner
from wmframe.interfaces.stage import Stage
from wmframe.interfaces.suite import EnvSuite
from wmframe.parallel.host import check_place
from wmframe.recipe import load_recipe
from wmframe.stages.loop.episodes import to_device
from wmframe.stages.loop.specs import FILE as SPECS
from wmframe.stages.loop.specs import Specs
from wmframe.stages.plan import RESOLVED
from wmframe.training.checkpoint import load_extra, load_learner, newest_checkpoint
from wmframe.training.device import usable_device
from wmframe.training.storage import misfits
from wmframe.types import Counters, Mode, State

REPLACED: Final = 5
"""How often loading is retried if a checkpoint is replaced meanwhile."""


@attrs.frozen
class LoadedLearner:
    """A trained learner of a stage.

    Attributes:
        learner: the module itself.
        specs: observation and action specs of its data.
        counters: how long it was trained.
        device: where it computes.
        stage: the stage, as the run's recipe has it.
        folder: where the stage writes.
    """

    learner: Learner
    specs: Specs
    counters: Counters
    device: str
    stage: Stage
    folder: Path

    def clips(self, count: int, length: int, seed: int = 0) -> dict[str, torch.Tensor]:
        """Clips of its training data, [count, length, ...] by key, on its device.

        Raises:
            MissingError: they no longer exist.
        """
        return to_device(self.stage.clips(self.folder, count, length, seed), self.device)


@attrs.frozen
class LoadedAgent:
    """A trained agent with numpy in and environment actions out.

    Attributes:
        agent: the module itself.
        specs: what it observes and the action space.
        counters: how long it was trained.
        device: where it computes.
    """

    agent: Agent
    specs: Specs
    counters: Counters
    device: str
    _suite: Any

    @property
    def suite(self) -> EnvSuite:
        """The benchmark it was trained on, for ``suite.make()``; its plugin must be installed."""
        suite: EnvSuite = self._suite.build()
        return suite

    def initial_state(self, batch: int = 1) -> State:
        """The agent's recurrent state before an episode, for ``batch`` environments."""
        return self.agent.initial_state(batch)

    def act(
        self, obs: Mapping[str, np.ndarray], state: State, mode: Mode = "eval"
    ) -> tuple[Any, State]:
        """Choose actions.

        Args:
            obs: arrays by key, as the environment gives them for one environment, or stacked
                [N, ...]; ``is_first`` [N] may be left out when a fresh state begins an episode.
            state: from :meth:`initial_state` or the last call.
            mode: ``eval`` for the policy's mode, ``train`` to explore.

        Returns:
            an action for ``env.step``, or a list of N, and the next state.

        Raises:
            MissingError: an observation that the agent needs is not there.
        """
        missing = [key for key in self.specs.obs if key not in obs]
        if missing:
            raise MissingError(
                f"observations lack {', '.join(missing)}", "pass the env's whole dict"
            )
        some = next(iter(self.specs.obs))
        single = np.ndim(obs[some]) == len(self.specs.obs[some].shape)
        inputs = self._tensors(obs, single)
        with torch.inference_mode():
            action_NA, state = self.agent.act(inputs, state, mode)
        assert self.specs.action is not None  # it acts
        codec = ActionCodec(self.specs.action)
        actions = [codec.decode(row) for row in action_NA.float().cpu().numpy()]
        return (actions[0] if single else actions), state

    def _tensors(self, obs: Mapping[str, np.ndarray], single: bool) -> dict[str, torch.Tensor]:
        arrays = {key: np.asarray(obs[key]) for key in self.specs.obs}
        if single:
            arrays = {key: value[None] for key, value in arrays.items()}
        count = len(next(iter(arrays.values())))
        arrays["is_first"] = np.asarray(obs.get("is_first", np.zeros(count)), np.float32).reshape(
            count
        )
        return {key: torch.from_numpy(value).to(self.device) for key, value in arrays.items()}


def load(folder: str | Path, device: str = "auto", *, trust: bool = False) -> LoadedAgent:
    """Load the newest checkpoint of a run's agent.

    Args:
        folder: ``runs/NAME`` (its last stage with an agent), or ``runs/NAME/STAGE``.
        device: a torch device, or ``auto`` for a GPU if there is one.
        trust: whether code may be executed that the run's recipe brings along or names; what this
            process has run already needs none.

    Raises:
        UsageError: it is not trusted, and would have code executed; the message names it.
        MissingError: no checkpoint is there, or a plugin of the recipe is not installed.
        CheckpointError: the checkpoint is damaged or does not fit.
    """
    loaded = load_trained(folder, device, acting=True, trust=trust)
    assert isinstance(loaded.learner, Agent)  # its specs have actions
    suite = part_of(loaded.folder, trust).settings().get("suite")
    return LoadedAgent(loaded.learner, loaded.specs, loaded.counters, loaded.device, suite)


def load_trained(
    folder: str | Path, device: str = "auto", *, acting: bool = False, trust: bool = False
) -> LoadedLearner:
    """Load the newest checkpoint of a run, or of one of its stages: an agent or a video model.

    Args:
        folder: ``runs/NAME`` (its last stage that trained something), or ``runs/NAME/STAGE``.
        device: a torch device, or ``auto`` for a GPU if there is one.
        acting: whether it has to be an agent.
        trust: see :func:`load`.

    Raises:
        UsageError: it is not trusted, and would have code executed; the message names it.
        MissingError: no checkpoint is there, or a plugin of the recipe is not installed.
        CheckpointError: the checkpoint is damaged or does not fit.
    """
    place = find_stage(Path(folder), acting=acting, trust=trust)
    part = part_of(place, trust)
    check_place()
    device = usable_device(device)
    specs = Specs.load(place)
    with misfits(place / SPECS, "does not fit the recipe"):
        learner: Learner = specs.build(part.settings()["agent"])
    counters = load_newest(place, learner)
    return LoadedLearner(learner.to(device), specs, counters, device, part.build(), place)


def part_of(place: Path, trust: bool) -> Part:
    """What the run's recipe says of the stage whose folder is given.

    Raises:
        MissingError: the folder was copied without its run, or renamed.
    """
    place = place.resolve()
    resolved = place.parent / RESOLVED
    if not resolved.is_file():
        raise MissingError(
            f"{place} is a stage's folder without its run: there is no {resolved}",
            f"copy the run's {RESOLVED} to the folder above the stage's, or the whole run",
        )
    stages = dict(load_recipe(resolved, trust=trust).stages)
    if place.name not in stages:
        hint = f"give the folder the name that it had: {' or '.join(stages)}"
        raise MissingError(f"{resolved} has no stage {place.name!r}", hint)
    return stages[place.name]


def load_newest(place: Path, learner: Learner) -> Counters:
    """Load the newest checkpoint of a stage, which may be replaced at any moment by its run.

    Returns:
        how far the stage was.
    """
    for _ in range(REPLACED):
        checkpoint = newest_checkpoint(place)
        try:
            load_learner(checkpoint, learner, optimizers=False)
            with misfits(checkpoint / "state.json"):
                return Counters(**load_extra(checkpoint)["counters"])
        except CheckpointError:
            if checkpoint.exists():
                raise
    raise MissingError(f"the checkpoints in {place} vanish while they are read", "try again")


def find_stage(folder: Path, *, acting: bool = False, trust: bool = False) -> Path:
    """The stage folder that ``folder`` is or holds; the last one of the recipe that trained.

    Args:
        folder: a run's or a stage's.
        acting: whether what was trained has to act.
        trust: see :func:`load`.

    Raises:
        MissingError: there is none.
    """

    def fits(place: Path) -> bool:
        return (place / SPECS).exists() and not (acting and Specs.load(place).action is None)

    if fits(folder):
        return folder
    if (folder / RESOLVED).exists():
        for name, _ in reversed(load_recipe(folder / RESOLVED, trust=trust).stages):
            if fits(folder / name):
                return folder / name
    what = "agent" if acting else "learner"
    raise MissingError(f"{folder} holds no trained {what}", "give runs/NAME or runs/NAME/STAGE")
