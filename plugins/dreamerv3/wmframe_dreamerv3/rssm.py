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
from wmframe.nn.block_gru import BlockGRU
from wmframe.nn.latents import CategoricalLatent
from wmframe.nn.noise import Noise
from wmframe.types import Observed
from wmframe_dreamerv3.config import RSSMConfig
from wmframe_dreamerv3.layers import linear, mlp
from wmframe_dreamerv3.sizes import with_size


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

    Raises:
        UsageError: actions are wider than ``fill_action``.
    """

    def __init__(
        self, config: RSSMConfig, *, embed_dim: int, action_dim: int, noise: Noise
    ) -> None:
        super().__init__()
        config = with_size(config)
        self.config, self.noise = config, noise
        self.latent = CategoricalLatent(config.stoch, config.classes, unimix=config.unimix)
        self.action_dim = 0 if config.action_free else action_dim
        self.feat_dim = config.deter + self.latent.dim
        if 0 < config.fill_action < self.action_dim:
            problem = f"actions have {action_dim} entries, fill_action is {config.fill_action}"
            raise UsageError(problem, "raise fill_action")
        self._width = max(self.action_dim, config.fill_action, 1)
        sizes = self.latent.dim, self._width, config.hidden, config.blocks
        self.core = BlockGRU(config.deter, *sizes)
        self.prior = self._logits(config.deter, config.prior_layers)
        self.posterior = self._logits(config.deter + embed_dim, config.posterior_layers)

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
        (prior_logp,) = self.latent.stats(self.prior(posterior.deter))
        prior = RSSMState(posterior.deter, None, prior_logp)
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
        dyn_BT = self.latent.kl((post.detach(),), (prior,))
        rep_BT = self.latent.kl((post,), (prior.detach(),))
        free = self.config.free_nats
        terms = {"dyn": dyn_BT.clamp(min=free).mean(), "rep": rep_BT.clamp(min=free).mean()}
        with torch.no_grad():
            metrics = {
                "kl_value": rep_BT.mean(),
                "prior_entropy": self.latent.entropy((prior,)).mean(),
                "posterior_entropy": self.latent.entropy((post,)).mean(),
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

    def _state(self, deter_BR: Tensor, raw_BZ: Tensor, sample: bool) -> RSSMState:
        stats = self.latent.stats(raw_BZ)
        stoch = self.latent.sample(stats, self.noise) if sample else self.latent.mode(stats)
        return RSSMState(deter_BR, stoch, *stats)

    def _logits(self, in_dim: int, layers: int) -> nn.Sequential:
        hidden = self.config.hidden
        return nn.Sequential(mlp(in_dim, hidden, layers), linear(hidden, self.latent.dim))

    def _flat(self, state: RSSMState) -> Tensor:
        if state.stoch is None:
            raise UsageError("a prior over a clip has no sample", "call imagine_step to get one")
        return state.stoch.flatten(-2)
