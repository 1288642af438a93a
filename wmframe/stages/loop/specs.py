"""Specs of a stage's data, stored next to its checkpoints.

With them a learner can be loaded and used without the benchmark or the videos.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any, Final

import attrs
import numpy as np
from gymnasium import spaces

from wmframe.config import Part
from wmframe.envs.actions import ActionCodec
from wmframe.errors import CheckpointError, MissingError
from wmframe.files import write_atomically
from wmframe.json_files import read_json
from wmframe.types import ObsSpec, TensorSpec

FILE = "specs.json"


LARGEST: Final = 2**28
"""The number of entries of an observation."""


def _possible(spec: TensorSpec) -> None:
    if min(spec.shape, default=1) < 1 or math.prod(spec.shape) > LARGEST:
        raise ValueError(f"no observation has the shape {list(spec.shape)[:8]}")


@attrs.frozen
class Saved:
    """Content of ``specs.json``."""

    obs: dict[str, Annotated[TensorSpec, _possible]]
    action: dict[str, Any] | None


@attrs.frozen
class Specs:
    """Observation specs by key, and the action spec; None if there are no actions."""

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
            CheckpointError: it is damaged.
        """
        if not (folder / FILE).exists():
            raise MissingError(
                f"{folder} has no {FILE}", "give the folder of a run, or of its stage"
            )
        path, hint = folder / FILE, "restore it from a copy, or run the stage again"
        data = read_json(path, Saved, error=CheckpointError, hint=hint, finite=False)
        try:
            return cls(data.obs, unpack_space(data.action) if data.action else None)
        except (ValueError, KeyError, TypeError, AssertionError, OverflowError) as error:
            raise CheckpointError(f"{path} is damaged: action: {error}", hint) from error


def pack_space(space: spaces.Space[Any]) -> dict[str, Any]:
    """An action space as JSON."""
    match space:
        case spaces.Box():
            low, high = (_plain(bound) for bound in (space.low, space.high))
            return {"type": "box", "low": low, "high": high, "dtype": np.dtype(space.dtype).name}
        case spaces.Discrete():
            return {"type": "discrete", "n": int(space.n), "start": int(space.start)}
        case spaces.MultiDiscrete():
            start = space.start.tolist()
            sizes, dtype = space.nvec.tolist(), np.dtype(space.dtype).name
            return {"type": "multi_discrete", "nvec": sizes, "start": start, "dtype": dtype}
        case spaces.MultiBinary():
            return {"type": "multi_binary", "shape": list(space.shape)}
        case spaces.Dict():
            parts = [[key, pack_space(part)] for key, part in space.spaces.items()]
            return {"type": "dict", "parts": parts}
        case spaces.Tuple():
            return {"type": "tuple", "parts": [pack_space(part) for part in space.spaces]}
    raise AssertionError(space)  # ActionCodec refuses every other


def _plain(bound: np.ndarray) -> Any:
    return (bound.astype(np.float64) if bound.dtype.kind == "f" else bound).tolist()


def unpack_space(data: dict[str, Any]) -> spaces.Space[Any]:
    """The inverse of :func:`pack_space`."""
    match data["type"]:
        case "box":
            dtype: Any = np.dtype(data.get("dtype", "float32"))  # older files hold none
            low, high = (np.array(data[bound], dtype) for bound in ("low", "high"))
            return spaces.Box(low, high, low.shape, dtype.type)
        case "discrete":
            return spaces.Discrete(data["n"], start=data["start"])
        case "multi_discrete":
            kind: Any = np.dtype(data.get("dtype", "int64")).type
            return spaces.MultiDiscrete(data["nvec"], kind, start=data["start"])
        case "multi_binary":
            shape = data["shape"]
            return spaces.MultiBinary(shape if len(shape) > 1 else shape[0])
        case "dict":
            return spaces.Dict([(key, unpack_space(part)) for key, part in data["parts"]])
        case "tuple":
            return spaces.Tuple([unpack_space(part) for part in data["parts"]])
    raise ValueError(f"unknown space {data['type']!r}")
