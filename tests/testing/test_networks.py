"""Faults of networks that their conformance checks name."""

from __future__ import annotations

import pytest
import specimen
import torch
from specimen import WIDTH

from wmframe.nn.distributions import Mse
from wmframe.nn.noise import Noise
from wmframe.testing import ConformanceError
from wmframe.testing.networks import check_decoder, check_dynamics, check_encoder
from wmframe.testing.samples import IMAGES
from wmframe.types import Encoded, Observed


class WrongWidth(specimen.Enc):
    embed_dim = WIDTH + 1


class OtherWhenActing(specimen.Enc):
    def embed(self, obs):
        return super().embed(obs) + 1


class Detached(specimen.Enc):
    def forward(self, obs):
        return Encoded(super().forward(obs).embed.detach() * torch.ones(1, requires_grad=True))


class WrongContext(specimen.Enc):
    def forward(self, obs):
        return super().forward(obs)._replace(context={8: torch.zeros(2, 4, 16, 16)})


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        (WrongWidth, "embed_dim"),
        (OtherWhenActing, "acting must see the same"),
        (Detached, "no parameter gets a gradient"),
        (WrongContext, "context 8 has shape"),
    ],
)
def test_a_faulty_encoder_is_refused(encoder, message):
    with pytest.raises(ConformanceError, match=message):
        check_encoder(encoder(obs=IMAGES), IMAGES)


class ChannelsLast(specimen.Dec):
    def forward(self, feat, context=None):
        mean = super().forward(feat)["image"].mode()
        return {"image": Mse(mean.movedim(-3, -1), 3)}


class PerPixel(specimen.Dec):
    def forward(self, feat, context=None):
        return {"image": Mse(super().forward(feat)["image"].mode())}


class Invented(specimen.Dec):
    def forward(self, feat, context=None):
        return {"depth": super().forward(feat)["image"]}


class Silent(specimen.Dec):
    def forward(self, feat, context=None):
        return {}


class Deaf(specimen.Dec):
    def forward(self, feat, context=None):
        return super().forward(feat * 0)


@pytest.mark.parametrize(
    ("decoder", "message"),
    [
        (ChannelsLast, "image is reconstructed as"),
        (PerPixel, r"sum it to \[B, T\]"),
        (Invented, "'depth'.*not observed"),
        (Silent, "reconstructs nothing"),
        (Deaf, "no gradient from image"),
    ],
)
def test_a_faulty_decoder_is_refused(decoder, message):
    with pytest.raises(ConformanceError, match=message):
        check_decoder(decoder(feat_dim=WIDTH, obs=IMAGES), IMAGES, WIDTH)


class SeesTheFuture(specimen.Dyn):
    def observe(self, embed, action, is_first, state=None):
        return super().observe(embed + embed.mean(1, keepdim=True), action, is_first, state)


class RemembersAcrossResets(specimen.Dyn):
    def observe(self, embed, action, is_first, state=None):
        return super().observe(embed, action, torch.zeros_like(is_first), state)


class WrongFeatures(specimen.Dyn):
    feat_dim = WIDTH + 1


class WrongNovelty(specimen.Dyn):
    novelty_dim = WIDTH + 1


class WrongInitial(specimen.Dyn):
    def initial(self, batch):
        return {"deter": torch.zeros(WIDTH)}

    def observe(self, embed, action, is_first, state=None):
        return super().observe(embed, action, is_first, specimen.Dyn.initial(self, len(embed)))


class WrongStep(specimen.Dyn):
    def imagine_step(self, state, action, sample=True):
        return {"deter": super().imagine_step(state, action)["deter"][None]}


class VectorLoss(specimen.Dyn):
    def losses(self, observed):
        return {"kl": observed.posterior["deter"].square().mean(-1)}, {}


class InfiniteLoss(specimen.Dyn):
    def losses(self, observed):
        losses, metrics = super().losses(observed)
        return {"kl": losses["kl"] / 0}, metrics


class NoGradient(specimen.Dyn):
    def observe(self, *args):
        posterior = super().observe(*args).posterior["deter"].detach()
        return Observed({"deter": posterior}, None)


@pytest.mark.parametrize(
    ("dynamics", "message"),
    [
        (SeesTheFuture, "come after it"),
        (RemembersAcrossResets, "before is_first"),
        (WrongFeatures, "by feat_dim"),
        (WrongNovelty, "novelty_dim"),
        (WrongInitial, r"not with \[B\]"),
        (WrongStep, "imagine_step's state"),
        (VectorLoss, "reduce them to scalars"),
        (InfiniteLoss, "not finite"),
        (NoGradient, "do not depend on any parameter"),
    ],
)
def test_a_faulty_dynamics_is_refused(dynamics, message):
    with pytest.raises(ConformanceError, match=message):
        check_dynamics(dynamics(embed_dim=5, action_dim=2, noise=Noise()), 5, 2)
