"""What every learner that owns a world model does: build its networks, step on its loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from wmframe.config import Part
from wmframe.interfaces.models import Decoder, Dynamics, Encoder
from wmframe.models.world_model import ModelLoss
from wmframe.nn.noise import Noise
from wmframe.nn.precision import backward
from wmframe.training.optimizer import Optimizer
from wmframe.types import ObsSpec


class Networks(NamedTuple):
    """The networks in a learner's slots, sized for each other."""

    encoder: Encoder
    dynamics: Dynamics
    decoder: Decoder


def build_networks(
    encoder: Part, dynamics: Part, decoder: Part, *, obs: ObsSpec, action_dim: int, noise: Noise
) -> Networks:
    """Build the parts in the order in which one's size is the next one's input."""
    seeing: Encoder = encoder.build(obs=obs)
    latent: Dynamics = dynamics.build(
        embed_dim=seeing.embed_dim, action_dim=action_dim, noise=noise
    )
    return Networks(seeing, latent, decoder.build(feat_dim=latent.feat_dim, obs=obs))


def loss_metrics(loss: ModelLoss) -> dict[str, Tensor]:
    """The weighted sum as ``model_loss``, each term as ``NAME_loss``, and the model's metrics."""
    terms = {f"{name}_loss": term.detach() for name, term in loss.terms.items()}
    return {"model_loss": loss.total.detach(), **terms, **loss.metrics}


def descend(loss: ModelLoss, optimizers: Mapping[str, Optimizer]) -> dict[str, Tensor]:
    """One step of each optimizer along the loss's gradient, and what there is to report."""
    backward(loss.total)
    norms = {f"{name}_grad_norm": optimizer.step() for name, optimizer in optimizers.items()}
    return loss_metrics(loss) | norms
