"""Losses of actor and critic (Hafner et al. 2023, equations 6, 7, 11 and 12).

Letters: L imagined steps, N starting states, T time of a replayed window, B windows.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from wmframe.nn.distributions import Distribution
from wmframe.nn.percentiles import Percentiles
from wmframe.nn.returns import lambda_return


class Dreamed(NamedTuple):
    """What is predicted of an imagined rollout, rows 0 to L: [L + 1, N] each, or batched so."""

    action: Tensor  # [L, N, A], chosen at each row but the last
    policy: Distribution  # [L, N], that chose it
    reward: Tensor
    cont: Tensor  # continue probability, including the discount
    value: Distribution
    slow: Distribution  # by the slow critic


class DreamedLosses(NamedTuple):
    """Losses [L, N] of each row but the last, and the returns."""

    policy: Tensor
    value: Tensor
    returns: Tensor
    entropy: Tensor


def dreamed_losses(
    dreamed: Dreamed, scale: Percentiles, *, lambda_: float, entropy: float, slow: float
) -> DreamedLosses:
    """Likelihood-ratio policy gradient, and the critic's cross-entropy with returns.

    Args:
        dreamed: no gradient goes back beyond policy and value.
        scale: divides advantages.
        lambda_: mixes horizons of the return.
        entropy: weight of the policy's entropy.
        slow: weight of the critic's pull to its slow copy.
    """
    value_LN = dreamed.value.mean().detach()
    # equation 7; a reward at row t + 1 belongs to the action at row t
    returns_LN = lambda_return(
        dreamed.reward[1:], value_LN[:-1], dreamed.cont[1:], value_LN[-1], lambda_
    ).detach()
    # the probability that the episode has come so far, row 0 included
    weight_LN = dreamed.cont.detach().cumprod(0)[:-1]
    advantage_LN = (returns_LN - value_LN[:-1]) / scale(returns_LN)
    logp_LN = dreamed.policy.log_prob(dreamed.action.detach())
    entropy_LN = dreamed.policy.entropy()
    # equation 11
    policy_LN = -weight_LN * (logp_LN * advantage_LN + entropy * entropy_LN)
    value_loss_LN = weight_LN * value_loss(dreamed.value, dreamed.slow, returns_LN, slow)
    return DreamedLosses(policy_LN, value_loss_LN, returns_LN, entropy_LN)


def value_loss(value: Distribution, slow: Distribution, returns: Tensor, scale: float) -> Tensor:
    """Cross-entropy with returns, and with the slow critic: every row but the last.

    Args:
        value: batched [L + 1, N].
        slow: likewise.
        returns: [L, N].
        scale: weight of the second.
    """
    target = torch.cat([returns, returns[-1:]])  # the last row's is not used
    loss = -value.log_prob(target) - scale * value.log_prob(slow.mean().detach())
    return loss[:-1]


def replay_returns(
    reward_TB: Tensor,
    boot_TB: Tensor,
    is_last_TB: Tensor,
    is_terminal_TB: Tensor,
    *,
    discount: float,
    lambda_: float,
) -> Tensor:
    """Returns of replayed rows, with the imagined returns from each row as values: [T - 1, B]."""
    live = discount * (1 - is_terminal_TB[1:])
    return lambda_return(
        reward_TB[1:], boot_TB[:-1], live, boot_TB[-1], lambda_ * (1 - is_last_TB[1:])
    )
