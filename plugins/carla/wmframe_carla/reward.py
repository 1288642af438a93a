"""The reward of a frame (ContextWM; DBC, Zhang et al. 2021, arXiv 2006.10742), as a function."""

from __future__ import annotations

from typing import NamedTuple

from wmframe_carla.config import CenteringConfig, RewardConfig, TermConfig


class Reward(NamedTuple):
    """What a frame pays: the total, and the terms after scale and clip. Costs are not negative."""

    total: float
    progress: float
    centering_cost: float
    collision_cost: float
    steering_cost: float


def reward(
    config: RewardConfig, *, metres: float, offset: float, impulse: float, steer: float
) -> Reward:
    """The reward of a frame.

    Args:
        config: form, scales and clips.
        metres: way made along the lane; negative backwards.
        offset: metres from the middle of the lane.
        impulse: sum of the magnitudes of collisions' impulses, in N s.
        steer: in [-1, 1].
    """
    progress = term(config.progress, metres)
    centering = centering_cost(config.centering, offset)
    collision = term(config.collision, impulse)
    steering = term(config.steering, abs(steer))
    paid = progress / (1 + centering) if config.form == "div" else progress - centering
    return Reward(paid - collision - steering, progress, centering, collision, steering)


def term(config: TermConfig, value: float) -> float:
    """Scale, then clip to [-clip, clip]."""
    scaled = config.scale * value
    return scaled if config.clip is None else max(-config.clip, min(scaled, config.clip))


def centering_cost(config: CenteringConfig, offset: float) -> float:
    """What an offset in metres costs; nothing up to the border."""
    return term(config, max(0.0, offset - config.border))
