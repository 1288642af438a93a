"""What a stage's data look like, kept beside its checkpoints.

With it a learner can be loaded and used where the benchmark or the videos are not there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from gymnasium import spaces

from wmframe.config import Part
from wmframe.envs.actions import ActionCodec
from wmframe.errors import MissingError
from wmframe.files import write_atomically
from wmframe.types import ObsSpec, TensorSpec

FILE = "specs.json"


@attrs.frozen
class Specs:
    """Observation shapes by key, and the action space; None where nothing acts."""

    obs: ObsSpec
    action: spaces.Space[Any] | None = None

    def build(self, part: Part) -> Any:
        """Build the learner of a slot for data like these: a learner, or an agent if it acts."""
        if self.action is None:
            return part.build(obs=self.obs)
        return part.build(obs=self.obs, action=ActionCodec(self.action).spec)

    def save(self, folder: Path) -> None:
        """Write ``specs.json``."""
        obs = {key: attrs.asdict(spec) for key, spec in self.obs.items()}
        text = json.dumps({"obs": obs, "action": self.action and pack_space(self.action)}, indent=2)
        write_atomically(folder / FILE, text)

    @classmethod
    def load(cls, folder: Path) -> Specs:
        """Read ``specs.json``.

        Raises:
            MissingError: the folder has none.
        """
        if not (folder / FILE).exists():
            raise MissingError(
                f"{folder} has no {FILE}", "give the folder of a run, or of its stage"
            )
        data = json.loads((folder / FILE).read_text())
        obs = {k: TensorSpec(tuple(v["shape"]), v["dtype"]) for k, v in data["obs"].items()}
        return cls(obs, data["action"] and unpack_space(data["action"]))


def pack_space(space: spaces.Space[Any]) -> dict[str, Any]:
    """A Box, Discrete or MultiDiscrete as JSON."""
    if isinstance(space, spaces.Box):
        return {"type": "box", "low": space.low.tolist(), "high": space.high.tolist()}
    if isinstance(space, spaces.Discrete):
        return {"type": "discrete", "n": int(space.n), "start": int(space.start)}
    assert isinstance(space, spaces.MultiDiscrete)  # ActionCodec refuses every other
    start = space.start.tolist()
    return {"type": "multi_discrete", "nvec": space.nvec.tolist(), "start": start}


def unpack_space(data: dict[str, Any]) -> spaces.Space[Any]:
    """The inverse of :func:`pack_space`."""
    if data["type"] == "box":
        return spaces.Box(np.float32(data["low"]), np.float32(data["high"]), dtype=np.float32)
    if data["type"] == "discrete":
        return spaces.Discrete(data["n"], start=data["start"])
    return spaces.MultiDiscrete(data["nvec"], start=data["start"])
