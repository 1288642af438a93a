"""The world model: encoder, dynamics, decoder and heads, learnt together (Hafner et al. 2020, 2.1).

It is a composition. Which networks fill the slots, what the heads predict and whether rewards carry
a bonus is decided by whoever builds it, so that a model for videos (no heads, no actions) and one
with two reward heads are the same class.

Letters: B batch, T time, N rows, A action, E embedding, F features, H horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from wmframe.interfaces.models import Decoder, Dynamics, Encoder
from wmframe.models.preprocess import Preprocess
from wmframe.models.reward_shaping import RewardShaping
from wmframe.nn.distributions import Distribution
from wmframe.nn.mlp import Head
from wmframe.nn.precision import autocast_off
from wmframe.training.tree import tree_map
from wmframe.types import Batch, Metrics, State


class Replayed(NamedTuple):
    """What a world model inferred from a batch, detached: [B, T, ...] each."""

    state: State
    feat: Tensor
    embed: Tensor
    data: Mapping[str, Tensor]


class ModelLoss(NamedTuple):
    """The weighted sum, its terms unweighted, metrics, and what was inferred on the way."""

    total: Tensor
    terms: dict[str, Tensor]
    metrics: Metrics
    replayed: Replayed


class Predictor(nn.Module):
    """A head and what it learns.

    Args:
        head: features to a distribution.
        target: key of the preprocessed data; ``reward`` carries the bonus if there is one and then
            ends before the clip does, ``task_reward`` is without it.
        gradient: whether the head's loss shapes the features.
    """

    def __init__(self, head: Head, target: str, gradient: bool) -> None:
        super().__init__()
        self.head = head
        self.target = target
        self.gradient = gradient

    def loss(self, feat_BTF: Tensor, data: Mapping[str, Tensor]) -> Tensor:
        """Negative log-likelihood of the target, averaged over the steps that it covers."""
        target_BT = data[self.target]
        feat_BTF = feat_BTF[:, : target_BT.shape[1]]
        dist: Distribution = self.head(feat_BTF if self.gradient else feat_BTF.detach())
        return -dist.log_prob(target_BT).mean()


class WorldModel(nn.Module):
    """See the module.

    Args:
        encoder: observations to embeddings.
        dynamics: the latent state.
        decoder: features to observations.
        heads: by name, which is also the name of their loss.
        preprocess: raw batches to floats.
        bonus: added to the rewards that heads learn; None for none.
        loss_scales: weight by the name of the loss; 1 unless given, and 0 leaves a term out of the
            sum altogether.
        decoder_gradient: whether reconstruction shapes the features.
    """

    def __init__(
        self,
        encoder: Encoder,
        dynamics: Dynamics,
        decoder: Decoder,
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

    def loss(self, batch: Batch, state: State = None) -> ModelLoss:
        """Everything the model learns from a batch.

        Args:
            batch: raw, see :data:`wmframe.types.Batch`; what is not there is not learnt from.
            state: of the dynamics, before the clip; None for the initial one.
        """
        data = self.preprocess(batch)
        encoded = self.encoder(data)
        observed = self.dynamics.observe(encoded.embed, data.get("action"), data["is_first"], state)
        terms, metrics = self.dynamics.losses(observed)
        feat_BTF = self.dynamics.features(observed.posterior)
        terms |= self._reconstruction(feat_BTF, encoded.context, data)
        if self.bonus is not None:
            novelty_BTF = self.dynamics.novelty_features(observed.posterior).detach()
            with autocast_off(novelty_BTF):  # distances are small differences of large numbers
                data["reward"], bonus_metrics = self.bonus(novelty_BTF, data["reward"])
            metrics |= bonus_metrics
        for name, predictor in self.heads.items():
            terms[name] = cast(Predictor, predictor).loss(feat_BTF, data)
        replayed = Replayed(
            tree_map(torch.Tensor.detach, observed.posterior),
            feat_BTF.detach(),
            encoded.embed.detach(),
            data,
        )
        return ModelLoss(self._weigh(terms), terms, metrics, replayed)

    def reward(self, feat: Tensor) -> Tensor:
        """The expected reward of states, [...], from their features [..., F]."""
        return self._predict("reward", feat).mode()

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
        dist: Distribution = cast(Predictor, self.heads[name]).head(feat)
        return dist

    def _reconstruction(
        self,
        feat_BTF: Tensor,
        context: Mapping[int, Tensor] | None,
        data: Mapping[str, Tensor],
    ) -> dict[str, Tensor]:
        feat_BTF = feat_BTF if self._decoder_gradient else feat_BTF.detach()
        decoded = self.decoder(feat_BTF, context)
        return {key: -dist.log_prob(data[key]).mean() for key, dist in decoded.items()}

    def _weigh(self, terms: Mapping[str, Tensor]) -> Tensor:
        scaled = [(self._scales.get(name, 1.0), term) for name, term in terms.items()]
        return torch.stack([scale * term for scale, term in scaled if scale]).sum()
