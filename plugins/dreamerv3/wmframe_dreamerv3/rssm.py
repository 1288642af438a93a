"""The recurrent state-space model of DreamerV3 (Hafner et al. 2023, equations 3 to 5).

Letters: B batch, T time, E embedding, A action, R recurrent state, S variables of D classes,
Z = S D.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from wmframe.errors import UsageError
from wmframe.interfaces.models import Dynamics
from wmframe.nn.blocks import linear
from wmframe.nn.noise import Noise
from wmframe.nn.one_hot import draw_one_hot, one_hot_argmax, straight_through
from wmframe.nn.unimix import unimix
from wmframe.types import Observed
from wmframe_dreamerv3.config import RSSMConfig
from wmframe_dreamerv3.core import BlockGRU
from wmframe_dreamerv3.layers import mlp


class RSSMState(NamedTuple):
    """Recurrent state [..., R], one-hot sample [..., S, D], log-probabilities [..., S, D].

    Priors over a clip have no sample.
    """

    deter: Tensor
    stoch: Tensor | None
    logp: Tensor


class RSSM(Dynamics):
    """Settings as in :class:`~wmframe_dreamerv3.config.RSSMConfig`.

    Args:
        config: sizes, uniform share, free nats.
        embed_dim: E.
        action_dim: A; 0 where there are no actions.
        noise: where samples come from.
    """

    def __init__(
        self, config: RSSMConfig, *, embed_dim: int, action_dim: int, noise: Noise
    ) -> None:
        super().__init__()
        self.config, self.noise = config, noise
        self.action_dim = 0 if config.action_free else action_dim
        flat = config.stoch * config.classes
        self.feat_dim = config.deter + flat
        width = max(self.action_dim, config.fill_action, 1)
        self.core = BlockGRU(config.deter, flat, width, config.hidden, config.blocks)
        self.prior = nn.Sequential(
            *mlp(config.deter, config.hidden, config.prior_layers), linear(config.hidden, flat)
        )
        self.posterior = nn.Sequential(
            *mlp(config.deter + embed_dim, config.hidden, config.posterior_layers),
            linear(config.hidden, flat),
        )
        self._width = width

    def initial(self, batch: int) -> RSSMState:
        """Zeros."""
        weight = self.core.norm.weight
        zeros_BSD = weight.new_zeros(batch, self.config.stoch, self.config.classes)
        return RSSMState(weight.new_zeros(batch, self.config.deter), zeros_BSD, zeros_BSD)

    def observe(
        self,
        embed_BTE: Tensor,
        action_BTA: Tensor | None,
        is_first_BT: Tensor,
        state: RSSMState | None = None,
    ) -> Observed:
        """See :meth:`wmframe.interfaces.Dynamics.observe`: a loop of :meth:`observe_step`."""
        batch, steps = is_first_BT.shape
        state = self.initial(batch) if state is None else state
        states = []
        for t in range(steps):
            action_BA = None if action_BTA is None else action_BTA[:, t]
            state = self.observe_step(state, embed_BTE[:, t], action_BA, is_first_BT[:, t])
            states.append(state)
        posterior = RSSMState(*(torch.stack(x, 1) for x in zip(*states, strict=True)))
        prior = RSSMState(posterior.deter, None, self._logp(self.prior(posterior.deter)))
        return Observed(posterior, prior)

    def observe_step(
        self,
        state: RSSMState,
        embed_BE: Tensor,
        action_BA: Tensor | None,
        is_first_B: Tensor,
        sample: bool = True,
    ) -> RSSMState:
        """One posterior; where an episode begins, state and action are zeros before the step."""
        keep_B1 = (1 - is_first_B).unsqueeze(-1)
        deter_BR = self._next(state, action_BA, keep_B1)
        raw_BZ = self.posterior(torch.cat([deter_BR, embed_BE], -1))
        return self._state(deter_BR, raw_BZ, sample)

    def imagine_step(
        self, state: RSSMState, action_BA: Tensor | None, sample: bool = True
    ) -> RSSMState:
        """One prior."""
        deter_BR = self._next(state, action_BA, torch.ones_like(state.deter[..., :1]))
        return self._state(deter_BR, self.prior(deter_BR), sample)

    def features(self, state: RSSMState) -> Tensor:
        """The recurrent state, then the flat sample: [..., R + Z]."""
        return torch.cat([state.deter, self._flat(state).to(state.deter)], -1)

    def losses(self, observed: Observed) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """``dyn`` and ``rep``, means of KLs that are clipped below (equation 5), in nats."""
        post, prior = observed.posterior.logp, observed.prior.logp
        dyn_BT, rep_BT = kl(post.detach(), prior), kl(post, prior.detach())
        free = self.config.free_nats
        terms = {"dyn": dyn_BT.clamp(min=free).mean(), "rep": rep_BT.clamp(min=free).mean()}
        with torch.no_grad():
            metrics = {
                "kl_value": rep_BT.mean(),
                "prior_entropy": entropy(prior).mean(),
                "posterior_entropy": entropy(post).mean(),
            }
        return terms, metrics

    def readouts(self, state: RSSMState) -> dict[str, Tensor]:
        """``feat``, and its two parts ``stoch`` [..., Z] and ``deter`` [..., R]."""
        return {"feat": self.features(state), "stoch": self._flat(state), "deter": state.deter}

    def _next(self, state: RSSMState, action_BA: Tensor | None, keep_B1: Tensor) -> Tensor:
        """The recurrent state after an action (equation 3, sequence model)."""
        deter_BR: Tensor = state.deter * keep_B1
        if self.action_dim and action_BA is None:
            raise UsageError("this RSSM needs actions", "pass them, or set action_free = true")
        given = deter_BR.new_zeros(len(deter_BR), self._width)
        if self.action_dim and action_BA is not None:
            given[:, : self.action_dim] = action_BA * keep_B1
        following: Tensor = self.core(deter_BR, self._flat(state) * keep_B1, given)
        return following

    def _logp(self, raw: Tensor) -> Tensor:
        """Log-probabilities [..., S, D] with a uniform share, in float32."""
        wide = raw.float() if raw.dtype in (torch.bfloat16, torch.float16) else raw
        return unimix(wide.unflatten(-1, (self.config.stoch, -1)), self.config.unimix)

    def _state(self, deter_BR: Tensor, raw_BZ: Tensor, sample: bool) -> RSSMState:
        logp_BSD = self._logp(raw_BZ)
        probs_BSD = logp_BSD.exp()
        if not sample:
            return RSSMState(deter_BR, one_hot_argmax(logp_BSD), logp_BSD)
        drawn = self.noise.categorical(probs_BSD.shape[:-1], self.config.classes, probs_BSD)
        stoch_BSD = straight_through(draw_one_hot(probs_BSD, drawn), probs_BSD)
        return RSSMState(deter_BR, stoch_BSD, logp_BSD)

    def _flat(self, state: RSSMState) -> Tensor:
        if state.stoch is None:
            raise UsageError("a prior over a clip has no sample", "call imagine_step to get one")
        return state.stoch.flatten(-2)


def kl(lhs: Tensor, rhs: Tensor) -> Tensor:
    """KL(lhs || rhs) of log-probabilities [..., S, D], summed over the S variables: [...]."""
    return (lhs.exp() * (lhs - rhs)).sum((-2, -1))


def entropy(logp: Tensor) -> Tensor:
    """Entropy of log-probabilities [..., S, D], summed over the S variables: [...]."""
    return -(logp.exp() * logp).sum((-2, -1))
