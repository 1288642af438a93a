"""A one-file plugin with the smallest learner of videos: quick, of pictures of any size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import numpy as np
import torch
from torch import Tensor, nn, optim

from wmframe import limits
from wmframe.config import setting
from wmframe.interfaces.models import Learner
from wmframe.plugin import Component, impl
from wmframe.types import ObsSpec


@impl
def wmframe_components() -> Iterator[Component]:
    """The learner, where this file is a local plugin."""
    here = "wmframe.testing.linear"
    yield Component("learner", "linear", target=f"{here}:Linear", config=f"{here}:LinearConfig")


@attrs.frozen
class LinearConfig:
    """How wide and how quick."""

    width: int = setting(192, help="latent units", minimum=1, maximum=limits.UNITS)
    lr: float = setting(1e-2, help="learning rate", minimum=0.0, maximum=limits.MAGNITUDE)


def flat(image: Tensor) -> Tensor:
    """Pictures uint8 [..., H, W, C] as vectors from -0.5 to 0.5."""
    return image.flatten(-3).float() / 255 - 0.5


class Linear(Learner):
    """A linear latent state and a linear step of it; draws random numbers."""

    def __init__(self, width: int, lr: float, *, obs: ObsSpec) -> None:
        super().__init__()
        pixels = int(np.prod(obs["image"].shape))
        self.encoder = nn.Linear(pixels, width)
        self.step = nn.Linear(width, width)
        self.decoder = nn.Linear(width, pixels)
        self.optimizer = optim.Adam(self.parameters(), lr)

    def optimizers(self) -> Mapping[str, optim.Optimizer]:
        """See :class:`~wmframe.interfaces.Learner`."""
        return {"model": self.optimizer}

    def loss(self, image_BTHWC: Tensor, noise: float = 0.0) -> Tensor:
        """The squared errors of the pictures that are seen and of those one step ahead."""
        latent_BTX = self.encoder(flat(image_BTHWC))
        latent_BTX = latent_BTX + noise * torch.rand_like(latent_BTX)
        seen = self.decoder(latent_BTX) - flat(image_BTHWC)
        foreseen = self.decoder(self.step(latent_BTX[:, :-1])) - flat(image_BTHWC)[:, 1:]
        loss: Tensor = seen.square().sum(-1).mean() + foreseen.square().sum(-1).mean()
        return loss

    def update(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """See :class:`~wmframe.interfaces.Learner`."""
        loss = self.loss(batch["image"], noise=0.01)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return {"image_loss": loss.detach()}

    @torch.no_grad()
    def assess(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """See :class:`~wmframe.interfaces.Learner`."""
        return {"image_loss": self.loss(batch["image"])}

    def predict(self, batch: Mapping[str, Tensor], observed_steps: int = 5) -> dict[str, Tensor]:
        """See :class:`~wmframe.interfaces.Learner`."""
        truth = batch["image"].float() / 255
        states = list(self.encoder(flat(batch["image"])[:, :observed_steps]).unbind(1))
        while len(states) < truth.shape[1]:
            states.append(self.step(states[-1]))
        model = (self.decoder(torch.stack(states, 1)) + 0.5).clamp(0, 1)
        return {"truth": truth, "model": model.view_as(truth)}
