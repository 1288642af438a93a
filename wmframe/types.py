"""Small frozen records passed between components. Nothing here imports torch.

Shapes use the letters of ``docs/concepts/shapes.md``: B batch, T time, N simulators, A action,
H and W image height and width, C channels, E embedding, F features.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import attrs

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

Mode = Literal["train", "eval", "random"]
"""How an agent acts: with exploration, by its mode, or uniformly at random."""

State = Any
"""A latent state: nested dicts, tuples or NamedTuples of tensors with a leading batch dimension."""

Batch = Mapping[str, "Tensor"]
"""Windows for an update, by key, each [B, T, ...]: ``image`` uint8 [B, T, H, W, C], ``action`` [B,
T, A] (the one that led to the observation of the same row), ``reward``, ``is_first``, ``is_last``,
``is_terminal`` float32 [B, T], and whatever else the suite observes."""

Metrics = Mapping[str, "Tensor"]
"""Scalars by name, on the device that computed them."""


@attrs.frozen
class TensorSpec:
    """Shape and numpy dtype name of one observation, without batch and time."""

    shape: tuple[int, ...]
    dtype: str


ObsSpec = Mapping[str, TensorSpec]
"""Specs of a suite's observations, by key."""


@attrs.frozen
class ActionSpec:
    """The actions an agent produces: vectors [.., size].

    Continuous actions lie in [-1, 1]. Discrete ones are one-hot, a group of ``groups[i]`` entries
    for each sub-action (one group for a plain discrete space).
    """

    size: int
    discrete: bool
    groups: tuple[int, ...] = ()


class Encoded(NamedTuple):
    """Output of an encoder for a clip.

    ``embed`` is [B, T, E]; ``context`` is None or feature maps [B, C, S, S] by their size S, for
    decoders that look at them.
    """

    embed: Tensor
    context: Mapping[int, Tensor] | None = None


class Observed(NamedTuple):
    """Posterior and prior states over a clip, each tensor [B, T, ...]."""

    posterior: State
    prior: State


@attrs.frozen
class Counters:
    """Progress of a stage: simulator frames, agent decisions, gradient steps, finished episodes."""

    env_steps: int = 0
    agent_steps: int = 0
    updates: int = 0
    episodes: int = 0


@attrs.frozen
class Episode:
    """A finished episode: arrays [T + 1, ...] by key, the first row being the reset.

    ``worker`` and ``number`` identify it: the ``number``-th episode of simulator ``worker``.
    """

    worker: int
    number: int
    data: Mapping[str, np.ndarray]
    scores: Mapping[str, float]

    @property
    def length(self) -> int:
        """Number of rows, one more than the decisions taken."""
        return len(self.data["reward"])


@attrs.frozen
class Estimate:
    """Estimated resources of a stage.

    Attributes:
        parameters: how many, by the part of the learner, and ``all``.
        disk: bytes, by what is written.
        memory: bytes on the device, by what is held there; activations are not known beforehand.
    """

    parameters: Mapping[str, int] = attrs.field(factory=dict)
    disk: Mapping[str, int] = attrs.field(factory=dict)
    memory: Mapping[str, int] = attrs.field(factory=dict)
