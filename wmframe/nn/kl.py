"""KL balancing (Hafner et al. 2020, section 2, algorithm 2) with free nats."""

from __future__ import annotations

from torch import Tensor

from wmframe.nn.latents import Latent, Stats
from wmframe.parallel.collectives import mean


def balanced_kl(
    post: Stats,
    prior: Stats,
    latent: Latent,
    *,
    forward: bool,
    balance: float,
    free: float,
    free_avg: bool,
) -> tuple[Tensor, Tensor]:
    """Pull the prior towards the posterior and, less, the posterior towards the prior.

    Args:
        post: stats of the posterior, each [B, T, ...].
        prior: stats of the prior.
        latent: what the stats belong to.
        forward: KL(prior || posterior) in place of KL(posterior || prior).
        balance: weight of the prior's gradient, in [0, 1]; the posterior's is one minus it. At
            exactly 0.5 nothing is balanced: both get the whole gradient of the plain KL, and
            ``free_avg`` has no effect (so the published settings had it).
        free: nats below which the KL is not pushed.
        free_avg: compare the mean over the batch with ``free``, not every step by itself.

    Returns:
        the loss, a scalar, and the KL [B, T] without gradient.
    """
    lhs, rhs = (prior, post) if forward else (post, prior)
    if balance == 0.5:
        value = latent.kl(lhs, rhs)
        return value.clamp(min=free).mean(), value.detach()
    weight = balance if forward else 1 - balance
    to_lhs = latent.kl(lhs, _detach(rhs))
    to_rhs = latent.kl(_detach(lhs), rhs)
    loss = weight * _floor(to_lhs, free, free_avg) + (1 - weight) * _floor(to_rhs, free, free_avg)
    return loss, to_lhs.detach()


def _floor(value: Tensor, free: float, free_avg: bool) -> Tensor:
    return mean(value.mean()).clamp(min=free) if free_avg else value.clamp(min=free).mean()


def _detach(stats: Stats) -> Stats:
    return tuple(x.detach() for x in stats)
