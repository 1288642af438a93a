"""What imagined states are worth, and the losses of an actor and a critic that learn from it.

Hafner et al. 2020, section 2.2, equations 4 to 6. These are functions, so that a behavior with
other losses may use those that it shares.

Letters: L horizon, N starting states, F features, A action.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from wmframe.models.imagination import Imagined
from wmframe.models.world_model import WorldModel
from wmframe.nn.distributions import Distribution
from wmframe.nn.returns import lambda_return


class Returns(NamedTuple):
    """Imagined states with what they are worth."""

    imagined: Imagined
    reward: Tensor  # [L + 1, N]
    discount: Tensor  # [L + 1, N]
    value: Tensor  # [L + 1, N], by the slow critic
    weight: Tensor  # [L + 1, N], probability that the episode has come so far
    target: Tensor  # [L, N], lambda returns


def compute_returns(
    imagined: Imagined, reward_LN: Tensor, discount_LN: Tensor, value_LN: Tensor, mix: float
) -> Returns:
    """Lambda returns and weights, from what is predicted of L + 1 states.

    V_t = r_t + gamma_t ((1 - lambda) v_{t+1} + lambda V_{t+1}), V_L = v_L (equation 4), and
    w_t = prod_{k < t} gamma_k.

    Args:
        imagined: the states.
        reward_LN: [L + 1, N].
        discount_LN: gamma [L + 1, N].
        value_LN: v [L + 1, N].
        mix: lambda.
    """
    weight_LN = torch.cat([torch.ones_like(discount_LN[:1]), discount_LN[:-1]]).cumprod(0)
    target_LN = lambda_return(reward_LN[:-1], value_LN[:-1], discount_LN[:-1], value_LN[-1], mix)
    return Returns(imagined, reward_LN, discount_LN, value_LN, weight_LN.detach(), target_LN)


def imagined_discounts(
    world_model: WorldModel, feat: Tensor, is_terminal_N: Tensor, discount: float
) -> Tensor:
    """Gamma of imagined states [L + 1, N], as the model predicts it, or ``discount``.

    Whether the start was terminal is known, not predicted.
    """
    predicted_LN = world_model.discount(feat)
    if predicted_LN is None:
        return is_terminal_N.new_full(feat.shape[:-1], discount)
    first_N = discount * (1 - is_terminal_N)
    return torch.cat([first_N[None], predicted_LN[1:]])


def actor_objective(
    policy: Distribution, returns: Returns, gradient: str, mix: float = 0.0
) -> Tensor:
    """What the actor maximizes at its first L - 1 choices, [L - 1, N] (equation 6).

    ``dynamics``: the returns V_{t+1} themselves, through the model. ``reinforce``:
    log pi(a_t | z_t) sg(V_{t+1} - v_t). ``both``: ``mix`` of the first and the rest of the second.

    Args:
        policy: pi at the first L states.
        returns: of the states that it led to.
        gradient: one of the three.
        mix: for ``both``.
    """
    dynamics = returns.target[1:]
    if gradient == "dynamics":
        return dynamics
    advantage = (dynamics - returns.value[:-2]).detach()
    reinforce = policy.log_prob(returns.imagined.action[1:-1].detach()) * advantage
    return reinforce if gradient == "reinforce" else torch.lerp(reinforce, dynamics, mix)


def actor_loss(returns: Returns, objective_LN: Tensor) -> Tensor:
    """-E[w_t objective_t] over the first L - 1 choices (equation 6)."""
    return -(returns.weight[:-2] * objective_LN).mean()


def critic_loss(value: Distribution, returns: Returns, target_LN: Tensor) -> Tensor:
    """-E[w_t log p(V_t | z_t)] (equation 5), for the critic's predictions at the first L states."""
    return -(returns.weight[:-1] * value.log_prob(target_LN)).mean()
