"""What every encoder, dynamics and decoder promises: shapes, causality, forgetting at resets.

Letters: B batch, T time, E embedding, F features, A action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn

from wmframe.config import Part
from wmframe.interfaces.models import Decoder, Dynamics, Encoder
from wmframe.nn.noise import Noise
from wmframe.nn.trees import tree_map
from wmframe.testing.expect import expect
from wmframe.testing.samples import BATCH, IMAGES, TIME, finite, leaves, preprocessed
from wmframe.types import ObsSpec

EMBED: Final = 32
FEAT: Final = 48
ACTION: Final = 3
RESET: Final = 3
"""The step at which a second episode begins in the clips that are tried."""


def check_encoder_part(part: Part) -> None:
    """Build an encoder of 64×64 pictures and check it.

    Raises:
        ConformanceError: with what to change.
    """
    check_encoder(part.build(obs=IMAGES), IMAGES)


def check_encoder(encoder: Encoder, obs: ObsSpec) -> None:
    """Check shapes, that acting sees what training saw, and that gradients flow."""
    inputs = preprocessed(obs, BATCH, TIME)
    torch.manual_seed(0)
    encoded = encoder(inputs)
    shape, wanted = tuple(encoded.embed.shape), (BATCH, TIME, encoder.embed_dim)
    expect(shape == wanted, f"embed is {shape}; by embed_dim it is [B, T, E] = {wanted}")
    torch.manual_seed(0)
    same = torch.allclose(encoder.embed(inputs), encoded.embed, atol=1e-5)
    expect(same, "embed() gives other embeddings than forward(); acting must see the same")
    for size, map_BCHW in (encoded.context or {}).items():
        shape = tuple(map_BCHW.shape)
        expect(shape[-2:] == (size, size), f"context {size} has shape {shape}; its key is its size")
    trained = reaches(encoded.embed.sum(), encoder)
    expect(trained, "no parameter gets a gradient from the embeddings")


def check_decoder_part(part: Part) -> None:
    """Build a decoder of 64×64 pictures and check it.

    Raises:
        ConformanceError: with what to change.
    """
    check_decoder(part.build(feat_dim=FEAT, obs=IMAGES), IMAGES, FEAT)


def check_decoder(decoder: Decoder, obs: ObsSpec, feat_dim: int) -> None:
    """Check the shapes of reconstructions, and that their likelihood has gradients."""
    feat_BTF = torch.randn(BATCH, TIME, feat_dim, requires_grad=True)
    targets = preprocessed(obs, BATCH, TIME)
    reconstructed = decoder(feat_BTF)
    expect(reconstructed, "the decoder reconstructs nothing")
    unknown = sorted(set(reconstructed) - set(obs))
    expect(not unknown, f"the decoder reconstructs {unknown}, which is not observed")
    for key, distribution in reconstructed.items():
        shape, wanted = tuple(distribution.mode().shape), tuple(targets[key].shape)
        expect(shape == wanted, f"{key} is reconstructed as {shape}; it is {wanted}")
        likelihood = distribution.log_prob(targets[key])
        shape = tuple(likelihood.shape)
        expect(shape == (BATCH, TIME), f"log_prob of {key} has shape {shape}; sum it to [B, T]")
        (gradient,) = torch.autograd.grad(likelihood.sum(), feat_BTF, retain_graph=True)
        expect(gradient.abs().sum() > 0, f"the features get no gradient from {key}")


def check_dynamics_part(part: Part) -> None:
    """Build a dynamics and check it.

    Raises:
        ConformanceError: with what to change.
    """
    check_dynamics(part.build(embed_dim=EMBED, action_dim=ACTION, noise=Noise()), EMBED, ACTION)


def check_dynamics(dynamics: Dynamics, embed_dim: int, action_dim: int) -> None:
    """Check shapes, losses, that no state sees the future, and that resets are forgotten across.

    Args:
        dynamics: draws its noise from torch's default generator.
        embed_dim: E.
        action_dim: A.
    """
    clip = Clip(dynamics, embed_dim, action_dim)
    feat_BTF = clip.features()
    wanted = (BATCH, TIME, dynamics.feat_dim)
    shape = tuple(feat_BTF.shape)
    expect(shape == wanted, f"features are {shape}; by feat_dim they are [B, T, F] = {wanted}")
    novelty = dynamics.novelty_features(clip.observed().posterior).shape[-1]
    message = f"novelty_features are {novelty} wide; novelty_dim is {dynamics.novelty_dim}"
    expect(novelty == dynamics.novelty_dim, message)
    check_steps(dynamics, clip)
    check_losses(dynamics, clip)
    later_BTF = clip.features(changed=TIME - 1)
    message = "a posterior depends on embeddings that come after it"
    expect(torch.allclose(feat_BTF[:, :-1], later_BTF[:, :-1], atol=1e-5), message)
    earlier_BTF = clip.features(changed=RESET - 1)
    message = "a posterior depends on embeddings from before is_first; mask state and action there"
    expect(torch.allclose(feat_BTF[:, RESET:], earlier_BTF[:, RESET:], atol=1e-5), message)


class Clip:
    """A random clip in which an episode begins at steps 0 and RESET."""

    def __init__(self, dynamics: Dynamics, embed_dim: int, action_dim: int) -> None:
        self.dynamics = dynamics
        self.embed_BTE = torch.randn(BATCH, TIME, embed_dim)
        self.action_BTA = torch.rand(BATCH, TIME, action_dim) * 2 - 1
        self.is_first_BT = torch.zeros(BATCH, TIME)
        self.is_first_BT[:, [0, RESET]] = 1

    def observed(self, changed: int | None = None) -> Any:
        """Posterior and prior, always with the same noise; the embedding of one step changed."""
        embed_BTE = self.embed_BTE.clone()
        if changed is not None:
            embed_BTE[:, changed] += 1
        torch.manual_seed(0)
        return self.dynamics.observe(embed_BTE, self.action_BTA, self.is_first_BT)

    def features(self, changed: int | None = None) -> Tensor:
        """Features of the posterior [B, T, F]."""
        return self.dynamics.features(self.observed(changed).posterior).detach()


def check_steps(dynamics: Dynamics, clip: Clip) -> None:
    """Check the states of single steps: initial, acting and imagining."""
    initial = dynamics.initial(BATCH)
    lead = {tuple(leaf.shape[:1]) for leaf in leaves(initial)}
    expect(lead == {(BATCH,)}, f"tensors of initial({BATCH}) begin with {lead}, not with [B]")
    inputs = clip.embed_BTE[:, 0], clip.action_BTA[:, 0], clip.is_first_BT[:, 0]
    last = tree_map(lambda leaf: leaf[:, -1], clip.observed().posterior)
    states = {
        "initial": initial,
        "observe_step": dynamics.observe_step(initial, *inputs),
        "imagine_step": dynamics.imagine_step(last, clip.action_BTA[:, 0]),
    }
    for name, state in states.items():
        shape = tuple(dynamics.features(state).shape)
        wanted = (BATCH, dynamics.feat_dim)
        expect(shape == wanted, f"features of {name}'s state are {shape}; they are {wanted}")


def check_losses(dynamics: Dynamics, clip: Clip) -> None:
    """Check that losses and metrics are finite scalars and that the losses train something."""
    losses, metrics = dynamics.losses(clip.observed())
    check_scalars(losses, "losses")
    check_scalars(metrics, "metrics")
    total = torch.stack(list(losses.values())).sum()
    expect(total.requires_grad, "the losses do not depend on any parameter")
    expect(reaches(total, dynamics), "no parameter gets a gradient from the losses")


def check_scalars(values: Mapping[str, Tensor], what: str) -> None:
    """Check that values are finite tensors without dimensions."""
    shaped = sorted(name for name, value in values.items() if value.dim())
    expect(not shaped, f"{what} {shaped} have dimensions; reduce them to scalars")
    expect(finite(values), f"{what} are not finite: {dict(values)}")


def reaches(value: Tensor, module: nn.Module) -> bool:
    """Whether a scalar's gradient reaches any parameter of a module."""
    parameters = list(module.parameters())
    return any(g is not None for g in torch.autograd.grad(value, parameters, allow_unused=True))
