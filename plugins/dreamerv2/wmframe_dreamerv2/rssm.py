"""Recurrent state-space model (Hafner et al. 2019, section 3; categorical: Hafner et al. 2020).

Letters: B batch, T time, E embedding, A action, S stochastic variables, D classes, U hidden units,
R recurrent (deterministic) units, P parameters of a latent, Z flat stochastic part.
"""

from __future__ import annotations

from typing import NamedTuple

import attrs
import torch
from torch import Tensor, nn

from wmframe.errors import UsageError
from wmframe.interfaces import Dynamics
from wmframe.nn.gru import GRUCell
from wmframe.nn.kl import balanced_kl
from wmframe.nn.latents import CategoricalLatent, GaussianLatent, Latent, Stats
from wmframe.nn.layers import activation, dense_norm, xavier
from wmframe.nn.noise import Noise
from wmframe.nn.recurrent import StepLinear, over_time
from wmframe.nn.trees import tree_stack
from wmframe.types import Observed
from wmframe_dreamerv2.config_nets import RSSMConfig


class RSSMState(NamedTuple):
    """``stats`` and ``stoch`` as :class:`wmframe.nn.latents.Latent` has them; ``deter`` [..., R].

    Priors over a clip are not sampled, since nobody reads the samples: their ``stoch`` is None.
    """

    stats: Stats
    stoch: Tensor | None
    deter: Tensor


class RSSM(Dynamics):
    """A GRU over sampled latents, with a prior and a posterior head. Settings: ``RSSMConfig``.

    Args:
        embed_dim: E.
        action_dim: A.
        noise: where samples come from.

    Raises:
        UsageError: the action is wider than ``fill_action``.
    """

    def __init__(
        self, config: RSSMConfig, *, embed_dim: int, action_dim: int, noise: Noise
    ) -> None:
        super().__init__()
        self.latent = make_latent(config)
        hidden, deter, norm = config.hidden, config.deter, config.norm
        self.deter_dim = deter
        self.action_dim = 0 if config.action_free else action_dim
        self.feat_dim = self.latent.dim + deter
        self.kl = config.kl
        self.noise = noise
        self._act = activation(config.act)
        fill = config.fill_action
        width = self.action_dim if fill is None else fill
        self._missing = width - self.action_dim
        if self._missing < 0:
            problem = f"actions have {action_dim} entries, fill_action is {fill}"
            raise UsageError(problem, "raise fill_action")
        self.cell = GRUCell(hidden, deter)
        self.img_in = xavier(StepLinear(self.latent.dim + width, hidden))
        self.img_in_norm = dense_norm(norm, hidden)
        members, params = range(config.ensemble), self.latent.params
        self.img_out = nn.ModuleList(xavier(StepLinear(deter, hidden)) for _ in members)
        self.img_out_norm = nn.ModuleList(dense_norm(norm, hidden) for _ in members)
        self.img_dist = nn.ModuleList(xavier(StepLinear(hidden, params)) for _ in members)
        self.obs_out = xavier(StepLinear(deter + embed_dim, hidden))
        self.obs_out_norm = dense_norm(norm, hidden)
        self.obs_dist = xavier(StepLinear(hidden, params))

    def initial(self, batch: int) -> RSSMState:
        """All zeros."""
        zeros_BP = self.obs_dist.weight.new_zeros(batch, self.latent.params)
        stats = tuple(torch.zeros_like(x) for x in self.latent.stats(zeros_BP))
        deter_BR = zeros_BP.new_zeros(batch, self.deter_dim)
        return RSSMState(stats, torch.zeros_like(stats[0]), deter_BR)

    def observe(
        self,
        embed_BTE: Tensor,
        action_BTA: Tensor | None,
        is_first_BT: Tensor,
        state: RSSMState | None = None,
    ) -> Observed:
        """Infer posteriors, sampled, and priors over a clip: :meth:`observe_step` step by step.

        Args:
            embed_BTE: embeddings.
            action_BTA: the action that led to each of them; None, or ignored, if action-free.
            is_first_BT: 1 where an episode begins: what came before is forgotten.
            state: before the first step, each tensor [B, ...]; zeros by default.
        """
        state = self.initial(len(is_first_BT)) if state is None else state
        actions = [None] * is_first_BT.shape[1] if action_BTA is None else action_BTA.unbind(1)
        inputs = embed_BTE.unbind(1), actions, is_first_BT.unbind(1)
        posts: list[RSSMState] = []
        with over_time(self):
            for embed_BE, action_BA, is_first_B in zip(*inputs, strict=True):
                state = self.observe_step(state, embed_BE, action_BA, is_first_B)
                posts.append(state)
        post: RSSMState = tree_stack(posts, 1)
        prior = self.latent.stats(self._prior(post.deter))  # of all steps, for none needs them
        return Observed(post, RSSMState(prior, None, post.deter))

    def observe_step(
        self,
        state: RSSMState,
        embed_BE: Tensor,
        action_BA: Tensor | None,
        is_first_B: Tensor,
        sample: bool = True,
    ) -> RSSMState:
        """One posterior; its mode if not ``sample``."""
        keep_B1 = (1 - is_first_B).unsqueeze(-1)
        stoch_BZ = self.latent.flat(self._stoch(state)) * keep_B1
        action_BA = None if action_BA is None else action_BA * keep_B1
        deter = self._recur(stoch_BZ, state.deter * keep_B1, action_BA)
        # z_t ~ q(z_t | h_t, x_t)
        x_BU = self.obs_out(torch.cat([deter, embed_BE], -1))
        raw_BP = self.obs_dist(self._act(self.obs_out_norm(x_BU)))
        return self._state(raw_BP, deter, sample)

    def imagine_step(
        self, state: RSSMState, action_BA: Tensor | None, sample: bool = True
    ) -> RSSMState:
        """One prior; its mode if not ``sample``."""
        deter = self._recur(self.latent.flat(self._stoch(state)), state.deter, action_BA)
        return self._state(self._prior(deter), deter, sample)

    def features(self, state: RSSMState) -> Tensor:
        """The flat stochastic part, then the deterministic one: [..., Z + R]."""
        return torch.cat([self.latent.flat(self._stoch(state)), state.deter], -1)

    def readouts(self, state: RSSMState) -> dict[str, Tensor]:
        """``feat``, and its two parts ``stoch`` [..., Z] and ``deter`` [..., R]."""
        feat = self.features(state)
        return {"feat": feat, "stoch": feat[..., : self.latent.dim], "deter": state.deter}

    def losses(self, observed: Observed) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """``kl``, and as metrics the KL and both entropies in nats."""
        post, prior = observed.posterior.stats, observed.prior.stats
        loss, value_BT = balanced_kl(post, prior, self.latent, **attrs.asdict(self.kl))
        with torch.no_grad():
            prior_BT, post_BT = self.latent.entropy(prior), self.latent.entropy(post)
        entropies = {"prior_entropy": prior_BT.mean(), "posterior_entropy": post_BT.mean()}
        return {"kl": loss}, {"kl_value": value_BT.mean(), **entropies}

    def _recur(self, stoch_BZ: Tensor, deter_BR: Tensor, action_BA: Tensor | None) -> Tensor:
        """h_t = f(h_{t-1}, z_{t-1}, a_{t-1})."""
        parts = [stoch_BZ]
        if self.action_dim:
            if action_BA is None:
                raise UsageError("this RSSM needs actions", "pass them, or set action_free = true")
            parts.append(action_BA)
        parts.append(stoch_BZ.new_zeros(len(stoch_BZ), self._missing))
        x_BU = self._act(self.img_in_norm(self.img_in(torch.cat(parts, -1))))
        return self.cell(x_BU, deter_BR)  # type: ignore[no-any-return]

    def _prior(self, deter: Tensor) -> Tensor:
        """Parameters [B, (T,) P] of p(z_t | h_t) for [B, (T,) R]; each step asks one member."""
        members = zip(self.img_out, self.img_out_norm, self.img_dist, strict=True)
        raws: list[Tensor] = [dist(self._act(norm(out(deter)))) for out, norm, dist in members]
        if len(raws) == 1:
            return raws[0]
        steps = deter.shape[1:-1]
        member = (self.noise.uniform(steps, deter) * len(raws)).long().reshape(1, 1, *steps, 1)
        return torch.take_along_dim(torch.stack(raws), member, 0)[0]

    def _state(self, raw_BP: Tensor, deter_BR: Tensor, sample: bool) -> RSSMState:
        stats = self.latent.stats(raw_BP)
        stoch = self.latent.sample(stats, self.noise) if sample else self.latent.mode(stats)
        return RSSMState(stats, stoch, deter_BR)

    def _stoch(self, state: RSSMState) -> Tensor:
        if state.stoch is None:
            raise UsageError("a prior over a clip has no sample", "call imagine_step to get one")
        return state.stoch


def make_latent(config: RSSMConfig) -> Latent:
    """The part in the slot, or categorical of ``discrete`` classes, or Gaussian if that is 0."""
    if config.latent is not None:
        latent: Latent = config.latent.build()
        return latent
    if config.discrete:
        return CategoricalLatent(config.stoch, config.discrete)
    return GaussianLatent(config.stoch, config.std_act, config.min_std)
