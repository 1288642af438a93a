"""Two latent models stacked: one that videos can train, and one on top that knows actions.

Seo et al. 2022 (APV), section 4.2: the action-free model infers a state from embeddings alone; the
action-conditional model takes that state's features for its observations. Imagination needs only
the upper one.

Letters: B batch, T time, E embedding, A action, F features.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from wmframe.interfaces import Dynamics
from wmframe.nn.noise import Noise
from wmframe.types import Observed, State
from wmframe_apv.config import RSSMStackConfig


class StackedState(NamedTuple):
    """The states of both models; imagined ones have None for the action-free one."""

    action_free: State
    conditional: State


class RSSMStack(Dynamics):
    """A dynamics whose upper part observes the features of its lower part.

    Args:
        config: both parts; the lower one never gets actions.
        embed_dim: E.
        action_dim: A.
        noise: where samples of both come from.
    """

    def __init__(
        self, config: RSSMStackConfig, *, embed_dim: int, action_dim: int, noise: Noise
    ) -> None:
        super().__init__()
        self.concat_embed = config.concat_embed
        self.action_free: Dynamics = config.action_free.build(
            embed_dim=embed_dim, action_dim=0, noise=noise
        )
        seen_dim = self.action_free.feat_dim + (embed_dim if config.concat_embed else 0)
        self.conditional: Dynamics = config.conditional.build(
            embed_dim=seen_dim, action_dim=action_dim, noise=noise
        )
        self.feat_dim = self.conditional.feat_dim

    @property
    def novelty_dim(self) -> int:
        """Length of the action-free model's features."""
        return self.action_free.feat_dim

    def initial(self, batch: int) -> StackedState:
        """The initial states of both."""
        return StackedState(self.action_free.initial(batch), self.conditional.initial(batch))

    def observe(
        self,
        embed_BTE: Tensor,
        action_BTA: Tensor | None,
        is_first_BT: Tensor,
        state: StackedState | None = None,
    ) -> Observed:
        """Infer both over a clip, each from its own ``state`` before it; zeros by default."""
        below, above = (None, None) if state is None else state
        free = self.action_free.observe(embed_BTE, None, is_first_BT, below)
        seen_BTE = self._seen(embed_BTE, free.posterior)
        conditional = self.conditional.observe(seen_BTE, action_BTA, is_first_BT, above)
        return Observed(
            StackedState(free.posterior, conditional.posterior),
            StackedState(free.prior, conditional.prior),
        )

    def observe_step(
        self,
        state: StackedState,
        embed_BE: Tensor,
        action_BA: Tensor | None,
        is_first_B: Tensor,
        sample: bool = True,
    ) -> StackedState:
        """One posterior of both, for acting; their modes if not ``sample``."""
        free = self.action_free.observe_step(state.action_free, embed_BE, None, is_first_B, sample)
        seen_BE = self._seen(embed_BE, free)
        above = self.conditional.observe_step(
            state.conditional, seen_BE, action_BA, is_first_B, sample
        )
        return StackedState(free, above)

    def imagine_step(
        self, state: StackedState, action_BA: Tensor | None, sample: bool = True
    ) -> StackedState:
        """One prior of the conditional model; the other one is not asked."""
        return StackedState(
            None, self.conditional.imagine_step(state.conditional, action_BA, sample)
        )

    def features(self, state: StackedState) -> Tensor:
        """Of the conditional model."""
        return self.conditional.features(state.conditional)

    def novelty_features(self, state: StackedState) -> Tensor:
        """Of the action-free model, whose notion of what is new comes from videos."""
        return self.action_free.novelty_features(state.action_free)

    def readouts(self, state: StackedState) -> dict[str, Tensor]:
        """Of the conditional model."""
        return self.conditional.readouts(state.conditional)

    def losses(self, observed: Observed) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Terms and metrics of the conditional model, and the other's with ``af_`` before them."""
        posterior, prior = observed
        above = Observed(posterior.conditional, prior.conditional)
        losses, metrics = self.conditional.losses(above)
        below = Observed(posterior.action_free, prior.action_free)
        free_losses, free_metrics = self.action_free.losses(below)
        return losses | _marked(free_losses), metrics | _marked(free_metrics)

    def _seen(self, embed: Tensor, action_free: State) -> Tensor:
        """What the conditional model takes for its observation: [..., E + F] or [..., F]."""
        feat = self.action_free.features(action_free)
        return torch.cat([embed, feat], -1) if self.concat_embed else feat


def _marked(values: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"af_{name}": value for name, value in values.items()}
