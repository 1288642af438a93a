"""The world model: encoder, dynamics, decoder and heads, trained jointly (Hafner et al. 2020, 2.1).

It is a composition. Which networks fill the slots, what the heads predict and whether rewards are
shaped is decided by whoever builds it, so that a model for videos (no heads, no actions) and one
with two reward heads are the same class.

Letters: B batch, T time, F features.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from wmframe.interfaces.models import Decoder, Dynamics, Encoder
from wmframe.models.heads import Predictor
from wmframe.models.preprocess import Preprocess
from wmframe.models.records import Losses, Replayed
from wmframe.models.reward_shaping import RewardShaping
from wmframe.nn.distributions import Distribution
from wmframe.types import Batch, Metrics, State


class ModelLoss(NamedTuple):
    """The weighted sum, its terms unweighted, metrics, and what was inferred, detached."""

    total: Tensor
    terms: Mapping[str, Tensor]
    metrics: Metrics
    replayed: Replayed


class WorldModel(nn.Module):
    """See the module.

    Args:
        encoder: observations to embeddings.
        dynamics: the latent state.
        decoder: features to observations; None to reconstruct nothing.
        heads: by name, which is also the name of their loss.
        preprocess: raw batches to floats.
        bonus: changes the rewards that heads learn; None for none.
        loss_scales: weight by the name of the loss; 1 unless given, and 0 leaves a term out of the
            sum altogether.
        decoder_gradient: whether reconstruction shapes the features.
    """

    def __init__(
        self,
        encoder: Encoder,
        dynamics: Dynamics,
        decoder: Decoder | None,
        heads: Mapping[str, Predictor],
        *,
        preprocess: Preprocess,
        bonus: RewardShaping | None = None,
        loss_scales: Mapping[str, float] | None = None,
        decoder_gradient: bool = True,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.dynamics = dynamics
        self.decoder = decoder
        self.heads = nn.ModuleDict(heads)
        self.bonus = bonus
        self._preprocess = preprocess
        self._scales = dict(loss_scales or {})
        self._decoder_gradient = decoder_gradient

    @property
    def dtype(self) -> torch.dtype:
        """Of the parameters, to which observations are converted."""
        return next(self.parameters()).dtype

    def preprocess(self, batch: Batch) -> dict[str, Tensor]:
        """See :class:`~wmframe.models.preprocess.Preprocess`."""
        return self._preprocess(batch, self.dtype)

    def observe(self, batch: Batch, state: State = None) -> tuple[Replayed, Metrics]:
        """Infer the states of a batch, with gradients, and shape its rewards.

        Args:
            batch: raw, see :data:`wmframe.types.Batch`; missing keys are not used.
            state: of the dynamics, before the clip; None for the initial one.
        """
        data = self.preprocess(batch)
        encoded = self.encoder(data)
        observed = self.dynamics.observe(encoded.embed, data.get("action"), data["is_first"], state)
        feat_BTF = self.dynamics.features(observed.posterior)
        seen = Replayed(observed, feat_BTF, encoded.embed, encoded.context, data, {})
        if self.bonus is None:
            return seen, {}
        shaped = self.bonus(seen.detach(), self.dynamics)
        data["reward"] = shaped.reward
        return seen._replace(data=data, covered={"reward": shaped.steps}), shaped.metrics

    def losses(self, replayed: Replayed) -> Losses:
        """Every term that the model learns from: of the dynamics, the decoder and the heads."""
        terms, metrics = self.dynamics.losses(replayed.observed)
        terms |= self._reconstruction(replayed)
        for name, predictor in self.heads.items():
            terms[name] = cast(Predictor, predictor).loss(replayed)
        return Losses(terms, metrics)

    def weigh(self, terms: Mapping[str, Tensor]) -> Tensor:
        """The sum of scale times term: L = sum_k beta_k L_k; terms with scale 0 are left out."""
        scaled = [(self._scales.get(name, 1.0), term) for name, term in terms.items()]
        return torch.stack([scale * term for scale, term in scaled if scale]).sum()

    def loss(self, batch: Batch, state: State = None) -> ModelLoss:
        """Everything the model learns from a batch by itself; arguments as of :meth:`observe`."""
        replayed, metrics = self.observe(batch, state)
        losses = self.losses(replayed)
        metrics = {**losses.metrics, **metrics}
        return ModelLoss(self.weigh(losses.terms), losses.terms, metrics, replayed.detach())

    def reward(self, feat: Tensor) -> Tensor:
        """The expected reward of states, [...], from their features [..., F]."""
        return self._predict("reward", feat).mean()

    def discount(self, feat: Tensor) -> Tensor | None:
        """The expected discount of states, [...]; None if it is not predicted."""
        if "discount" not in self.heads:
            return None
        return self._predict("discount", feat).mean()

    def readout_sizes(self) -> dict[str, int]:
        """Length by name of what the dynamics reads out of a state, and of ``embed``."""
        readouts = self.dynamics.readouts(self.dynamics.initial(1))
        sizes = {name: readout.shape[-1] for name, readout in readouts.items()}
        return {"embed": self.encoder.embed_dim, **sizes}

    def _predict(self, name: str, feat: Tensor) -> Distribution:
        dist: Distribution = self.heads[name](feat)
        return dist

    def _reconstruction(self, replayed: Replayed) -> dict[str, Tensor]:
        """-log p(x | z) of each observation."""
        if self.decoder is None:
            return {}
        feat_BTF = replayed.feat if self._decoder_gradient else replayed.feat.detach()
        decoded = self.decoder(feat_BTF, replayed.context)
        return {key: -dist.log_prob(replayed.data[key]).mean() for key, dist in decoded.items()}
