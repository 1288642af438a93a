"""Rolling the latent state forward with an actor (Hafner et al. 2020, section 2.2).

Letters: L horizon, N starting states, F features, A action, U units of the actor's last layer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from wmframe.interfaces.models import Dynamics
from wmframe.nn.distributions import Distribution
from wmframe.nn.mlp import Head
from wmframe.nn.recurrent import over_time
from wmframe.types import State


class Imagined(NamedTuple):
    """L steps from N states.

    Attributes:
        states: L + 1, the first being where imagination began; each tensor [N, ...].
        feat: [L + 1, N, F].
        action: [L + 1, N, A]; ``action[i]`` led to ``states[i]``, and ``action[0]`` is zeros.
        hidden: [L, N, U]; what the actor's output layer saw when it chose ``action[1:]``.
    """

    states: list[State]
    feat: Tensor
    action: Tensor
    hidden: Tensor


def imagine(
    dynamics: Dynamics,
    actor: Head,
    choose: Callable[[Distribution], Tensor],
    start: State,
    horizon: int,
    *,
    differentiable: bool,
) -> Imagined:
    """Alternate actor and dynamics; the actor sees features without gradient.

    Args:
        dynamics: imagines.
        actor: features to a distribution over actions.
        choose: takes an action from that distribution.
        start: states to begin from, each tensor [N, ...].
        horizon: L.
        differentiable: whether gradients flow from later states to earlier actions.
    """
    states, feats, hiddens = [start], [dynamics.features(start)], []
    actions: list[Tensor] = []
    trunk = actor.trunk.steps()
    with over_time(dynamics):
        for _ in range(horizon):
            hidden_NU = trunk(feats[-1])
            with torch.set_grad_enabled(differentiable):
                actions.append(choose(actor.output(hidden_NU)))
                states.append(dynamics.imagine_step(states[-1], actions[-1]))
                feats.append(dynamics.features(states[-1]))
            hiddens.append(hidden_NU)
    actions.insert(0, torch.zeros_like(actions[0]))
    return Imagined(states, torch.stack(feats), torch.stack(actions), torch.stack(hiddens))
