"""Encoder, Dynamics, Decoder, Learner and Agent: the parts of a method.

Letters: B batch, T time, N simulators, A action, E embedding, F features, K channels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor, nn, optim

from wmframe.nn.distributions import Distribution
from wmframe.nn.trees import tree_map
from wmframe.nn.weights import LoadReport, load_weights
from wmframe.types import Batch, Encoded, Metrics, Mode, Observed, State


class Encoder(nn.Module, ABC):
    """Maps images and vectors to embeddings. Built with its settings and ``obs: ObsSpec``."""

    embed_dim: int
    """E, the length of an embedding."""

    @abstractmethod
    def forward(self, obs: Mapping[str, Tensor]) -> Encoded:
        """Encode a clip for training.

        Args:
            obs: preprocessed observations [B, T, ...]: images [B, T, K, H, W] in [-0.5, 0.5].
        """

    def embed(self, obs: Mapping[str, Tensor]) -> Tensor:
        """Encode for acting, without what only a decoder needs: [B, T, E]."""
        embed: Tensor = self(obs).embed
        return embed


class Dynamics(nn.Module, ABC):
    """A latent state that can be inferred from embeddings and rolled forward without them.

    Built with its settings, ``embed_dim``, ``action_dim`` and ``noise``. States are nested
    containers of tensors whose content only the dynamics knows; a dynamics may wrap another.
    """

    feat_dim: int
    """F, the length of :meth:`features`."""

    @abstractmethod
    def initial(self, batch: int) -> State:
        """The initial state, before any observation, each tensor [B, ...]."""

    @abstractmethod
    def observe(
        self, embed_BTE: Tensor, action_BTA: Tensor | None, is_first_BT: Tensor, state: State = None
    ) -> Observed:
        """Infer posteriors and priors over a clip; ``action_BTA`` None means action-free."""

    @abstractmethod
    def observe_step(
        self,
        state: State,
        embed_BE: Tensor,
        action_BA: Tensor | None,
        is_first_B: Tensor,
        sample: bool = True,
    ) -> State:
        """One step of inference for acting: the posterior, each tensor [B, ...]."""

    @abstractmethod
    def imagine_step(self, state: State, action_BA: Tensor | None, sample: bool = True) -> State:
        """One step forward without observation: the prior, each tensor [B, ...]."""

    @abstractmethod
    def features(self, state: State) -> Tensor:
        """Features of a state for heads, actor and critic: [..., F]."""

    def last(self, posterior: State) -> State:
        """The state at the end of a clip [B, ...], from the posterior of :meth:`observe`.

        For dynamics whose states are time slices this is the last one; others override it.
        """
        return tree_map(lambda x: x[:, -1], posterior)

    def starts(self, posterior: State, count: int = 0) -> State:
        """States to imagine from [N, ...], clip by clip, from the posterior of :meth:`observe`.

        Args:
            posterior: of B clips of T steps.
            count: how many of the last steps of each clip; 0 for all.

        Returns:
            N = B T or B ``count`` states. By default each step's is the slice at that time.
        """
        return tree_map(lambda x: x[:, -count:].flatten(0, 1), posterior)

    @abstractmethod
    def losses(self, observed: Observed) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The dynamics' own loss terms by name (``kl``), unscaled scalars, and metrics."""

    def novelty_features(self, state: State) -> Tensor:
        """Features for an intrinsic bonus, [..., F']; by default those of :meth:`features`."""
        return self.features(state)

    @property
    def novelty_dim(self) -> int:
        """F', the length of :meth:`novelty_features`."""
        return self.feat_dim

    def readouts(self, state: State) -> dict[str, Tensor]:
        """Named parts of a state, each [..., size], that other models may learn to predict.

        ``feat`` is always among them.
        """
        return {"feat": self.features(state)}


class Decoder(nn.Module, ABC):
    """Maps features to observations. Built with its settings, ``feat_dim`` and ``obs: ObsSpec``."""

    @abstractmethod
    def forward(
        self, feat_BTF: Tensor, context: Mapping[int, Tensor] | None = None
    ) -> Mapping[str, Distribution]:
        """A distribution over each observation that the decoder reconstructs, batched [B, T]."""


class Learner(nn.Module, ABC):
    """Anything that learns from batches by gradient steps.

    All of its state is parameters, buffers and optimizers, so that the core can save it.
    """

    capturable: ClassVar[bool] = True
    """Whether :meth:`update` may be captured on a GPU and replayed (``docs/concepts/speed.md``).

    A learner, or any module in one, sets it to False if what it does depends on Python values that
    change from call to call. Optimizers that are not ``capturable`` mean the same.
    """

    @abstractmethod
    def update(self, batch: Batch) -> Metrics:
        """Take one gradient step. No value is read back to the host.

        Args:
            batch: see :data:`wmframe.types.Batch`, on the learner's device.
        """

    @abstractmethod
    def optimizers(self) -> Mapping[str, optim.Optimizer]:
        """The optimizers by name, for checkpoints."""

    def initialize(self, weights: Mapping[str, Tensor], strict: bool = True) -> LoadReport:
        """Initialise with the weights of another learner, as an earlier stage saved them.

        A learner of the same kind takes them all; a method that starts from another kind (an agent
        from a video predictor) overrides this and maps the parts.

        Args:
            weights: by the names of the other learner's ``state_dict``.
            strict: whether all parts have to fit; otherwise those that fit are taken.

        Raises:
            CheckpointError: they do not fit; all mismatched names are listed.
        """
        return load_weights(self, weights, strict)

    @abstractmethod
    def predict(self, batch: Batch, observed_steps: int = 5) -> dict[str, Tensor]:
        """Open-loop video: ``truth`` and ``model``, each [B, T, H, W, C] in [0, 1].

        The model sees the first ``observed_steps`` frames, then imagines with the true actions. An
        empty dict if it predicts no pictures.
        """

    def predict_with_context(
        self, batch: Batch, other: Batch, observed_steps: int = 5
    ) -> dict[str, Tensor] | None:
        """:meth:`predict`, but images take their context from the clips of ``other``.

        None unless overridden: the learner does not separate context and motion.
        """
        return None

    def assess(self, batch: Batch) -> Metrics:
        """Loss terms on a held-out batch, with the names of :meth:`update`.

        Those of images and the latent state are called ``image_loss`` and ``kl_loss``. No gradient
        is recorded and no state changes. Nothing unless overridden.
        """
        return {}


class Agent(Learner):
    """A learner that acts. Built with its settings, ``obs: ObsSpec`` and ``action: ActionSpec``."""

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """The agent's recurrent state before the first observation of an episode."""

    @abstractmethod
    def act(
        self, obs: Mapping[str, Tensor], state: State, mode: Mode = "train"
    ) -> tuple[Tensor, State]:
        """Choose actions [N, A] for observations [N, ...] (raw, with ``is_first`` [N]).

        Rows whose ``is_first`` is 1 reset their state. Runs in bfloat16 on a CPU call it
        under autocast to explore (mode ``train``), never to evaluate.
        """

    def prepare(self) -> None:
        """Prepare for acting with the current weights; nothing unless overridden.

        Collection and evaluation call it before the first action and after updates. An agent
        may make a copy of its networks here that is faster in inference
        (:func:`wmframe.nn.cpu.prepared.prepared`). Without it, or once :meth:`update` was called,
        :meth:`act` uses the networks themselves.
        """
