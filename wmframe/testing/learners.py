"""What every learner promises: it learns, predicts, and all of its state can be saved.

Letters: B batch, T time, H and W image height and width, C channels.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor, optim

from wmframe.config import Part
from wmframe.interfaces.models import Learner
from wmframe.testing.expect import expect
from wmframe.testing.networks import check_scalars
from wmframe.testing.samples import BATCH, IMAGES, TIME, clips
from wmframe.types import Metrics

Draw = Callable[[], dict[str, Tensor]]
"""Makes another batch each time."""


def check_learner_part(part: Part) -> None:
    """Build a learner of videos of 64×64 pixels and check it.

    Raises:
        ConformanceError: with what to change.
    """
    check_learner(lambda: part.build(obs=IMAGES), lambda: clips(IMAGES))


def check_learner(build: Callable[[], Learner], draw: Draw) -> None:
    """Check a learner.

    Args:
        build: makes a fresh learner each time.
        draw: gives what it learns from.

    Raises:
        ConformanceError: with what to change.
    """
    learner = build()
    check_learning(learner, draw())
    check_saving(learner, build(), draw)
    check_predicting(learner, draw())
    check_assessing(learner, draw())


def check_learning(learner: Learner, batch: dict[str, Tensor]) -> None:
    """Check the metrics of an update, that it changes parameters, and the optimizers."""
    before = [parameter.detach().clone() for parameter in learner.parameters()]
    metrics = learner.update(batch)
    expect(metrics, "update() returns no metrics")
    check_scalars(metrics, "metrics")
    attached = sorted(name for name, value in metrics.items() if value.requires_grad)
    expect(not attached, f"metrics {attached} hold on to the graph; detach them")
    changed = any(not torch.equal(a, b) for a, b in zip(before, learner.parameters(), strict=True))
    expect(changed, "update() changes no parameter")
    optimizers = learner.optimizers()
    real = all(isinstance(optimizer, optim.Optimizer) for optimizer in optimizers.values())
    expect(optimizers and real, "optimizers() gives the torch optimizers by name")


def check_saving(learner: Learner, other: Learner, draw: Draw) -> None:
    """Check that parameters, buffers and optimizers are all there is to a learner's state."""
    learner.update(draw())
    other.load_state_dict(learner.state_dict())
    sources = learner.optimizers()
    for name, optimizer in other.optimizers().items():
        optimizer.load_state_dict(copy.deepcopy(sources[name].state_dict()))
    batch = draw()
    for step in (1, 2):
        ours, theirs = (seeded_update(one, batch, step) for one in (learner, other))
        wrong = sorted(n for n in ours if not torch.allclose(ours[n], theirs[n], rtol=1e-6))
        expect(
            not wrong,
            f"after saving and loading, update {step} gives another {wrong}; keep all state in "
            "parameters, buffers and optimizers",
        )


def seeded_update(learner: Learner, batch: dict[str, Tensor], seed: int) -> Metrics:
    """Metrics of an update under a fixed seed, kept from being overwritten by the next one."""
    torch.manual_seed(seed)
    return {name: value.clone() for name, value in learner.update(batch).items()}


def check_predicting(learner: Learner, batch: dict[str, Tensor]) -> None:
    """Check the open-loop video, unless the learner shows nothing at all."""
    video = learner.predict(batch, observed_steps=TIME // 2)
    if not video:
        return
    expect({"truth", "model"} <= set(video), f"predict() gives {sorted(video)}, no truth and model")
    for name in ("truth", "model"):
        clip_BTHWC = video[name]
        shape, wanted = tuple(clip_BTHWC.shape[:2]), (BATCH, TIME)
        expect(clip_BTHWC.dim() == 5, f"{name} has {clip_BTHWC.dim()} dimensions: [B, T, H, W, C]")
        expect(shape == wanted, f"{name} begins with {shape}; [B, T] is {wanted}")
        bounded = bool((clip_BTHWC >= 0).all() and (clip_BTHWC <= 1).all())
        expect(bounded, f"{name} leaves [0, 1]; clamp it")


def check_assessing(learner: Learner, batch: dict[str, Tensor]) -> None:
    """Check that losses on a batch can be had without learning from it."""
    before = {name: value.clone() for name, value in learner.state_dict().items()}
    metrics = learner.assess(batch)
    check_scalars(metrics, "what assess() gives")
    attached = sorted(name for name, value in metrics.items() if value.requires_grad)
    expect(not attached, f"assess() records the gradients of {attached}; use torch.no_grad()")
    changed = sorted(n for n, x in learner.state_dict().items() if not torch.equal(x, before[n]))
    expect(not changed, f"assess() changes {changed}; use wmframe.nn.modes.evaluating()")
    expect(any(module.training for module in learner.modules()), "assess() ends training mode")
