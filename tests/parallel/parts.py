"""A program that computes the same things whole or in parts; what comes out goes to a file.

Everything is in float64, so that what differs between one process and several is a mistake.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import torch

from wmframe.nn.kl import balanced_kl
from wmframe.nn.latents import CategoricalLatent
from wmframe.nn.noise import Noise
from wmframe.nn.residual import ResidualStack
from wmframe.nn.stream_norm import StreamNorm
from wmframe.parallel.collectives import mean
from wmframe.parallel.gradients import average_before_steps, average_gradients
from wmframe.parallel.launch import joined
from wmframe.parallel.world import rank, size
from wmframe.types import ActionSpec, TensorSpec

BATCH, TIME, SIDE = 6, 5, 16


def mine(rows):
    """This process's part of a batch."""
    share = len(rows) // size()
    return rows[rank() * share : (rank() + 1) * share]


class SlicedNoise(Noise):
    """Draws for the whole batch and gives this process's rows, wherever the batch is a side."""

    def __init__(self):
        self.calls = 0

    def _draw(self, kind, shape, like):
        self.calls += 1
        generator = torch.Generator().manual_seed(self.calls)
        axis = next(i for i, n in enumerate(shape) if n * size() in (BATCH, BATCH * TIME))
        whole = [n * size() if i == axis else n for i, n in enumerate(shape)]
        drawn = getattr(torch.empty(whole, dtype=like.dtype), kind)(generator=generator)
        return drawn.chunk(size(), axis)[rank()]

    def uniform(self, shape, like):
        return self._draw("uniform_", shape, like).clamp(min=1e-12)

    def exponential(self, shape, like):
        return self._draw("exponential_", shape, like)

    def normal(self, shape, like):
        return self._draw("normal_", shape, like)


def state_of(module):
    """Gradients, averaged, and state after a backward pass."""
    average_gradients(module.parameters())
    grads = {f"grad {n}": p.grad for n, p in module.named_parameters() if p.grad is not None}
    return {**grads, **{n: x.clone() for n, x in module.state_dict().items()}}


def batch_norm():
    torch.manual_seed(0)
    net = ResidualStack([3, 4, 4], "batch").double()
    found = {}
    for step in range(3):
        x_NCHW = 5 + 3 * torch.randn(BATCH, 3, 8, 8, dtype=torch.float64)
        net.zero_grad()
        loss = net(mine(x_NCHW)).square().mean()
        loss.backward()
        found |= {f"{step} {name}": value.clone() for name, value in state_of(net).items()}
        found[f"{step} loss"] = mean(loss.detach())
    net.eval()
    return found | {"eval": net(x_NCHW)}


def stream_norm():
    torch.manual_seed(1)
    norm = StreamNorm(momentum=0.5)
    x_N = torch.randn(BATCH, dtype=torch.float64)
    norm.update(mine(x_N))
    return {"out": norm.transform(x_N), "mag": norm.mag}


def kl_with_free_nats():
    torch.manual_seed(2)
    latent = CategoricalLatent(3, 4)
    raws = [torch.randn(BATCH, TIME, 12, dtype=torch.float64) for _ in range(2)]
    shift = torch.nn.Parameter(torch.zeros(12, dtype=torch.float64))
    # most of the first rows lie below the floor and the rest above it, the mean a little above
    raws[0][BATCH // 2 :] *= 3
    found = {}
    for free in (1.0, 2.0, 1e3):
        post, prior = (latent.stats(mine(raw) + k * shift) for k, raw in enumerate(raws))
        options = {"forward": False, "balance": 0.8, "free": free, "free_avg": True}
        loss, value = balanced_kl(post, prior, latent, **options)
        found |= {f"loss {free}": mean(loss.detach()), f"kl {free}": mean(value.mean())}
        shift.grad = None
        loss.backward()
        average_gradients([shift])
        found[f"grad {free}"] = shift.grad
    return found


def any_optimizer():
    torch.manual_seed(3)
    net = torch.nn.Linear(4, 2).double()
    optimizer = torch.optim.Adam(net.parameters(), 0.1)
    average_before_steps([optimizer])
    for _ in range(3):
        x = torch.randn(BATCH, 4, dtype=torch.float64)
        optimizer.zero_grad()
        net(mine(x)).square().mean().backward()
        optimizer.step()
    return dict(net.state_dict())


def agent():
    """A whole agent: every loss, batch norms, bonus, masks, augmentation, actor and critic."""
    if find_spec("wmframe_contextwm") is None:
        return {}
    from wmframe.recipe.structure import structure_part

    torch.manual_seed(4)
    nets = {"depth": 4, "res_depth": 2, "res_layers": 1}
    rssm = {"hidden": 8, "deter": 8, "stoch": 4, "discrete": 4, "fill_action": 2}
    head = {"layers": 1, "units": 8}
    settings = {
        "use": "contextwm.agent",
        "encoder": {"use": "contextwm.encoder", **nets, "augmentation": "erasing"},
        "decoder": {"use": "contextwm.decoder", **nets, "dropout": 0.0, "heads": 2},
        "dynamics": {
            "use": "apv.rssm_stack",
            "action_free": {"use": "dreamerv2.rssm", **rssm, "action_free": True},
            "conditional": {"use": "dreamerv2.rssm", **rssm},
        },
        "heads": {"reward": head, "aux_reward": head},
        "loss_scales": {"af_kl": 1.0},
        "bonus": {"queue_size": 40, "queue_dim": 4, "neighbors": 3, "window": 2, "relative": True},
        "behavior": {
            "horizon": 4,
            "actor": head,
            "critic": head,
            "reward_norm": {"momentum": 0.9},
            "target": {"every": 2},
        },
    }
    obs = {"image": TensorSpec((SIDE, SIDE, 3), "uint8")}
    learner = structure_part("agent", settings).build(
        obs=obs, action=ActionSpec(2, discrete=False), noise=SlicedNoise()
    )
    learner = learner.double()
    for module in learner.modules():  # networks that were built with draws of their own
        if hasattr(module, "noise"):
            module.noise = learner.noise
    found = {}
    for step in range(3):
        batch = clips(step)
        metrics = learner.update({key: mine(value) for key, value in batch.items()})
        found |= {f"{step} {name}": mean(value.double()) for name, value in metrics.items()}
    return found | {name: value.clone() for name, value in learner.state_dict().items()}


def clips(seed):
    generator = torch.Generator().manual_seed(100 + seed)
    flags = torch.zeros(BATCH, TIME, dtype=torch.float64)
    first = flags.clone()
    first[:, 0] = 1
    image = torch.randint(0, 256, (BATCH, TIME, SIDE, SIDE, 3), generator=generator)
    return {
        "image": image.to(torch.uint8),
        "action": torch.rand(BATCH, TIME, 2, generator=generator, dtype=torch.float64) * 2 - 1,
        "reward": torch.rand(BATCH, TIME, generator=generator, dtype=torch.float64),
        "is_first": first,
        "is_last": flags,
        "is_terminal": flags.clone(),
    }


PARTS = (batch_norm, stream_norm, kl_with_free_nats, any_optimizer, agent)


def compute():
    return {part.__name__: part() for part in PARTS}


if __name__ == "__main__":
    with joined():
        torch.save(compute(), Path(sys.argv[1]) / f"{rank()}.pt")
