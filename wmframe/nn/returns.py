"""Lambda returns (Sutton and Barto 2018, section 12.1; Hafner et al. 2020, equation 4)."""

from __future__ import annotations

import torch
from torch import Tensor


def lambda_return(
    reward: Tensor,
    value: Tensor,
    discount: Tensor | float,
    bootstrap: Tensor | None,
    lambda_: Tensor | float,
) -> Tensor:
    """``R[t] = reward[t] + discount[t] * ((1 - lambda_) * V[t + 1] + lambda_ * R[t + 1])``.

    Args:
        reward: [L, ...].
        value: V at the same states, [L, ...].
        discount: [L, ...], or one number.
        bootstrap: V and R at the state after the last, [...]; None for zeros.
        lambda_: 0 for one-step targets, 1 for Monte Carlo; one number, or [L, ...].

    Returns:
        R, [L, ...].
    """
    last = torch.zeros_like(value[0]) if bootstrap is None else bootstrap
    following = torch.cat([value[1:], last.unsqueeze(0)])
    inputs = reward + discount * following * (1 - lambda_)
    decay = discount * lambda_ * torch.ones_like(reward)
    returns = []
    for step in reversed(range(len(inputs))):
        last = torch.addcmul(inputs[step], decay[step], last)
        returns.append(last)
    return torch.stack(returns[::-1])
