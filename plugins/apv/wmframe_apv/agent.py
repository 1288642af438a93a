"""APV: an agent that goes on from a model of videos (Seo et al. 2022, section 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from torch import Tensor, nn

from wmframe.errors import UsageError
from wmframe.nn.weights import LoadReport, load_weights
from wmframe.training.optimizer import Optimizer
from wmframe_apv.config import PRETRAINED, ApvModelConfig
from wmframe_apv.rssm_stack import RSSMStack
from wmframe_dreamerv2.agent import DreamerV2

_PLACE: Final = "world_model."
_STACKED: Final = "world_model.dynamics.action_free."


class ApvAgent(DreamerV2):
    """Settings as in :class:`~wmframe_apv.config.ApvAgentConfig`; all but ``pretrained`` belong to
    :class:`~wmframe_dreamerv2.agent.DreamerV2`.

    Args:
        pretrained: parts that :meth:`initialize` takes from a video predictor.

    Raises:
        UsageError: the dynamics is no stack.
    """

    default_loss_scales: ClassVar[Mapping[str, float]] = {"af_kl": 0.0}

    def __init__(self, *, pretrained: tuple[str, ...] = PRETRAINED, **settings: Any) -> None:
        super().__init__(**settings)
        self._pretrained = pretrained

    @property
    def stack(self) -> RSSMStack:
        """The two latent models."""
        dynamics = self.world_model.dynamics
        if not isinstance(dynamics, RSSMStack):
            message = f"this agent needs stacked dynamics, not a {type(dynamics).__name__}"
            raise UsageError(message, 'set dynamics.use = "apv.rssm_stack"')
        return dynamics

    def make_model_optimizers(  # type: ignore[override]
        self, model: ApvModelConfig
    ) -> dict[str, Optimizer]:
        """One for what videos have trained, one for the rest; the decoder belongs to the rest."""
        visual = nn.ModuleList([self.world_model.encoder, self.stack.action_free])
        rest = nn.ModuleList(
            [self.stack.conditional, self.world_model.decoder, self.world_model.heads]
        )
        return {
            "model": Optimizer(rest.parameters(), model.optimizer),
            "encoder": Optimizer(visual.parameters(), model.encoder_optimizer),
        }

    def initialize(self, weights: Mapping[str, Tensor], strict: bool = True) -> LoadReport:
        """Begin with the weights of a video predictor, or of an agent like this one.

        Of a predictor, the parts in ``pretrained`` are taken, its dynamics as the action-free part
        of ours. ``strict`` concerns these parts.

        Raises:
            CheckpointError: they do not fit; every odd name is listed.
        """
        if any(name.startswith(_STACKED) for name in weights):
            return super().initialize(weights, strict)
        world_model = self.world_model
        parts = {
            "encoder": world_model.encoder,
            "dynamics": self.stack.action_free,
            "decoder": world_model.decoder,
        }
        chosen = nn.ModuleDict({name: parts[name] for name in self._pretrained})
        found = {name.removeprefix(_PLACE): tensor for name, tensor in weights.items()}
        wanted = {k: x for k, x in found.items() if k.partition(".")[0] in self._pretrained}
        return load_weights(chosen, wanted, strict)
