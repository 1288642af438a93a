"""Recurrent state-space model (Hafner et al. 2019, section 3; categorical: Hafner et al. 2020).

Letters: B batch, T time, E embedding, A action, S stochastic variables, D classes, H hidden units,
R recurrent (deterministic) units, P parameters of a latent, Z flat stochastic part.

Over a clip, only what depends on the recurrent state is computed step by step: the embedding's part
of the posterior layer and the action's part of the input layer are one matrix product each before
the scan, and the prior heads see all steps at once after it. A step by itself, of acting or of
imagination, applies whole layers.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from wmframe.errors import UsageError
from wmframe.interfaces import Dynamics
from wmframe.nn.gru import GRUCell
from wmframe.nn.kl import balanced_kl
from wmframe.nn.latents import Stats, make_latent
from wmframe.nn.layers import activation, dense_norm, xavier
from wmframe.nn.linear import Linear, linear
from wmframe.nn.noise import Noise
from wmframe.nn.steps import StepLinear
from wmframe.training.precision import lower
from wmframe.types import Observed
from wmframe_dreamerv2.config_nets import KLConfig


class RSSMState(NamedTuple):
    """``stats`` and ``stoch`` as :class:`wmframe.nn.latents.Latent` has them; ``deter`` [..., R].

    Priors over a clip are not sampled, since nobody reads the samples: their ``stoch`` is None.
    """

    stats: Stats
    stoch: Tensor | None
    deter: Tensor


class _Layers(NamedTuple):
    """What a clip's steps apply: layers that see two inputs are cut in two."""

    stoch: StepLinear
    action_HA: Tensor
    gates: StepLinear
    deter: StepLinear
    embed_HE: Tensor
    stats: StepLinear


class RSSM(Dynamics):
    """A GRU over sampled latents, with a prior head and a posterior head.

    Args:
        ensemble: number of prior heads; each step uses one at random.
        hidden: H.
        deter: R.
        stoch: S.
        discrete: D, or 0 for Gaussian latents.
        act: activation of the dense layers.
        norm: their norm.
        std_act: see :class:`wmframe.nn.latents.GaussianLatent`.
        min_std: likewise.
        action_free: ignore actions; the model then learns from videos.
        fill_action: width of the action input, if not the action's own; what is missing is zero.
        kl: the loss between posterior and prior.
        embed_dim: E.
        action_dim: A.
        noise: where samples come from.

    Raises:
        UsageError: the action is wider than ``fill_action``.
    """

    def __init__(
        self,
        ensemble: int,
        hidden: int,
        deter: int,
        stoch: int,
        discrete: int,
        act: str,
        norm: str,
        std_act: str,
        min_std: float,
        action_free: bool,
        fill_action: int | None,
        kl: KLConfig,
        *,
        embed_dim: int,
        action_dim: int,
        noise: Noise,
    ) -> None:
        super().__init__()
        self.latent = make_latent(stoch, discrete, std_act, min_std)
        self.deter_dim = deter
        self.action_dim = 0 if action_free else action_dim
        self.feat_dim = self.latent.dim + deter
        self.kl = kl
        self.noise = noise
        self._act = activation(act)
        width = self.action_dim if fill_action is None else fill_action
        if self.action_dim > width:
            problem = f"actions have {action_dim} entries, fill_action is {fill_action}"
            raise UsageError(problem, "raise fill_action")
        self.cell = GRUCell(hidden, deter)
        self.img_in = xavier(Linear(self.latent.dim + width, hidden))
        self.img_in_norm = dense_norm(norm, hidden)
        members = range(ensemble)
        self.img_out = nn.ModuleList(xavier(Linear(deter, hidden)) for _ in members)
        self.img_out_norm = nn.ModuleList(dense_norm(norm, hidden) for _ in members)
        self.img_dist = nn.ModuleList(xavier(Linear(hidden, self.latent.params)) for _ in members)
        self.obs_out = xavier(Linear(deter + embed_dim, hidden))
        self.obs_out_norm = dense_norm(norm, hidden)
        self.obs_dist = xavier(Linear(hidden, self.latent.params))

    def initial(self, batch: int) -> RSSMState:
        """All zeros."""
        weight = self.obs_dist.weight
        stats = self.latent.stats(weight.new_zeros(batch, self.latent.params))
        zeros = tuple(torch.zeros_like(x) for x in stats)
        return RSSMState(zeros, torch.zeros_like(zeros[0]), weight.new_zeros(batch, self.deter_dim))

    def observe(
        self,
        embed_BTE: Tensor,
        action_BTA: Tensor | None,
        is_first_BT: Tensor,
        state: RSSMState | None = None,
    ) -> Observed:
        """Infer posteriors, sampled, and priors over a clip.

        Args:
            embed_BTE: embeddings.
            action_BTA: the action that led to each of them; None, or ignored, if action-free.
            is_first_BT: 1 where an episode begins: what came before is forgotten.
            state: before the first step, each tensor [B, ...]; zeros by default.
        """
        batch, steps = is_first_BT.shape
        state = self.initial(batch) if state is None else state
        layers = self._layers()
        keep_BT1 = (1 - is_first_BT).unsqueeze(-1)
        action_BTH = self._action_input(layers, action_BTA, keep_BT1)
        embed_BTH = linear(embed_BTE, layers.embed_HE, self.obs_out.bias)
        drawn = self.latent.draw(self.noise, (steps, batch), state.deter)
        raws, stochs, deters = [], [], []
        stoch, deter = self._stoch(state), state.deter
        inputs = keep_BT1, lower(keep_BT1), action_BTH, embed_BTH
        for keep_B1, low_B1, action_BH, embed_BH, draw in zip(
            *(x.unbind(1) for x in inputs), drawn, strict=True
        ):
            stoch_BZ = self.latent.flat(stoch) * low_B1
            deter = self._advance(layers, stoch_BZ, deter * keep_B1, action_BH)
            raw = self._infer(layers, deter, embed_BH)
            stoch = self.latent.sample(self.latent.stats(raw), draw)
            raws.append(raw)
            stochs.append(stoch)
            deters.append(deter)
        deter_BTR = torch.stack(deters, 1)
        stats = self.latent.stats(torch.stack(raws, 1))
        prior = self.latent.stats(self._prior(deter_BTR))
        return Observed(
            RSSMState(stats, torch.stack(stochs, 1), deter_BTR), RSSMState(prior, None, deter_BTR)
        )

    def observe_step(
        self,
        state: RSSMState,
        embed_BE: Tensor,
        action_BA: Tensor | None,
        is_first_B: Tensor,
        sample: bool = True,
    ) -> RSSMState:
        """One posterior, for acting; its mode if not ``sample``."""
        keep_B1 = (1 - is_first_B).unsqueeze(-1)
        stoch_BZ = self.latent.flat(self._stoch(state)) * keep_B1
        action_BA = None if action_BA is None else action_BA * keep_B1
        deter = self._follow(stoch_BZ, state.deter * keep_B1, action_BA)
        x_BH = self.obs_out(torch.cat([deter, embed_BE], -1))
        return self._state(self.obs_dist(self._act(self.obs_out_norm(x_BH))), deter, sample)

    def imagine_step(
        self, state: RSSMState, action_BA: Tensor | None, sample: bool = True
    ) -> RSSMState:
        """One prior; its mode if not ``sample``."""
        deter = self._follow(self.latent.flat(self._stoch(state)), state.deter, action_BA)
        return self._state(self._prior(deter), deter, sample)

    def features(self, state: RSSMState) -> Tensor:
        """The flat stochastic part, then the deterministic one: [..., Z + R].

        In the precision of products, for they are what networks see.
        """
        return torch.cat([lower(self.latent.flat(self._stoch(state))), lower(state.deter)], -1)

    def novelty_features(self, state: RSSMState) -> Tensor:
        """The same in the state's own precision."""
        return torch.cat([self.latent.flat(self._stoch(state)).to(state.deter), state.deter], -1)

    def readouts(self, state: RSSMState) -> dict[str, Tensor]:
        """``feat``, and its two parts ``stoch`` [..., Z] and ``deter`` [..., R]."""
        stoch = self.latent.flat(self._stoch(state))
        return {"feat": self.novelty_features(state), "stoch": stoch, "deter": state.deter}

    def losses(self, observed: Observed) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """``kl``, and as metrics the KL and both entropies in nats."""
        post, prior = observed.posterior.stats, observed.prior.stats
        kl = self.kl
        loss, value_BT = balanced_kl(
            post,
            prior,
            self.latent,
            forward=kl.forward,
            balance=kl.balance,
            free=kl.free,
            free_avg=kl.free_avg,
        )
        with torch.no_grad():
            metrics = {
                "kl_value": value_BT.mean(),
                "prior_entropy": self.latent.entropy(prior).mean(),
                "posterior_entropy": self.latent.entropy(post).mean(),
            }
        return {"kl": loss}, metrics

    def _layers(self) -> _Layers:
        # Cut once a clip: the gradient of a slice is a padded matrix, dear to make at each step.
        flat, deter = self.latent.dim, self.deter_dim
        img_in, obs_out, stats = self.img_in.weight, self.obs_out.weight, self.obs_dist
        return _Layers(
            StepLinear(img_in[:, :flat]),
            img_in[:, flat : flat + self.action_dim],
            self.cell.gates(),
            StepLinear(obs_out[:, :deter]),
            obs_out[:, deter:],
            StepLinear(stats.weight, stats.bias),
        )

    def _action_input(self, layers: _Layers, action: Tensor | None, keep_BT1: Tensor) -> Tensor:
        """The action's part of the input layer with its bias: [B, T, H]."""
        bias_H = self.img_in.bias
        if self.action_dim == 0:
            return bias_H.expand(*keep_BT1.shape[:-1], -1)
        return linear(self._given(action) * keep_BT1, layers.action_HA, bias_H)

    def _given(self, action: Tensor | None) -> Tensor:
        if action is None:
            raise UsageError("this RSSM needs actions", "pass them, or set action_free = true")
        return action

    def _follow(self, stoch_BZ: Tensor, deter_BR: Tensor, action_BA: Tensor | None) -> Tensor:
        """The next recurrent state, of one step by itself."""
        parts = [lower(stoch_BZ)]
        if self.action_dim:
            parts.append(lower(self._given(action_BA)))
        missing = self.img_in.in_features - sum(part.shape[-1] for part in parts)
        if missing:
            parts.append(parts[0].new_zeros(len(stoch_BZ), missing))
        x_BH = self.img_in(torch.cat(parts, -1))
        following: Tensor = self.cell(self._act(self.img_in_norm(x_BH)), deter_BR)
        return following

    def _advance(
        self, layers: _Layers, stoch_BZ: Tensor, deter_BR: Tensor, action_BH: Tensor
    ) -> Tensor:
        x_BH = layers.stoch(stoch_BZ, action_BH)
        return self.cell.step(layers.gates, self._act(self.img_in_norm(x_BH)), deter_BR)

    def _infer(self, layers: _Layers, deter_BR: Tensor, embed_BH: Tensor) -> Tensor:
        x_BH = layers.deter(deter_BR, embed_BH)
        return layers.stats(self._act(self.obs_out_norm(x_BH)))

    def _prior(self, deter: Tensor) -> Tensor:
        """Prior parameters [B, (T,) P] of states [B, (T,) R]; each step asks one member."""
        raws: list[Tensor] = [
            dist(self._act(norm(out(deter))))
            for out, norm, dist in zip(self.img_out, self.img_out_norm, self.img_dist, strict=True)
        ]
        if len(raws) == 1:
            return raws[0]
        steps = deter.shape[1:-1]
        member = (self.noise.uniform(steps, deter) * len(raws)).long().reshape(1, 1, *steps, 1)
        chosen: Tensor = torch.take_along_dim(torch.stack(raws), member, 0)[0]
        return chosen

    def _state(self, raw: Tensor, deter: Tensor, sample: bool) -> RSSMState:
        stats = self.latent.stats(raw)
        if not sample:
            return RSSMState(stats, self.latent.mode(stats), deter)
        drawn = self.latent.draw(self.noise, deter.shape[:-1], deter)
        return RSSMState(stats, self.latent.sample(stats, drawn), deter)

    def _stoch(self, state: RSSMState) -> Tensor:
        if state.stoch is None:
            raise UsageError("a prior over a clip has no sample", "call imagine_step to get one")
        return state.stoch
