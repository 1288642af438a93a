"""What is made again in the backward pass is the same, and leaves no trace of a second time."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from wmframe.bench.counting import SavedBytes
from wmframe.nn import lean as module
from wmframe.nn.batch_norm import BatchNorm2d
from wmframe.nn.lean import lean
from wmframe.nn.residual import ResidualStack


@pytest.fixture(autouse=True)
def large(monkeypatch):
    monkeypatch.setattr(module, "LARGE", 0)


class Part(nn.Module):
    """A residual stack between dropout and pooling."""

    def __init__(self, norm: str) -> None:
        super().__init__()
        self.stack = ResidualStack([16, 16, 24], norm)

    def forward(self, x, scale):
        return functional.avg_pool2d(self.stack(functional.dropout(x, 0.3) * scale), 2)


@pytest.fixture(params=("batch", "group"))
def part(request):
    torch.manual_seed(0)
    return Part(request.param).double()


def outcome(part, run):
    """What comes out, gradients, running statistics, and the next random number."""
    torch.manual_seed(1)
    for norm in part.modules():
        if isinstance(norm, BatchNorm2d):
            norm.reset_running_stats()
    x = torch.randn(4, 16, 8, 8, dtype=torch.float64, requires_grad=True)
    scale = torch.full((), 2.0, dtype=torch.float64, requires_grad=True)
    out = run(x, scale)
    gradients = torch.autograd.grad(out.square().sum(), [x, scale, *part.parameters()])
    return out, gradients, [b.clone() for b in part.buffers()], torch.rand(3)


def test_nothing_differs_from_the_part_itself(part):
    made_again = outcome(part, lambda x, scale: lean(part, x, scale, entries=1024))
    torch.testing.assert_close(made_again, outcome(part, part), rtol=0, atol=1e-12)


def test_less_is_kept(part):
    x = torch.randn(4, 16, 8, 8, dtype=torch.float64, requires_grad=True)

    def kept(run):
        saved = SavedBytes([x, *part.parameters(), *part.buffers()])
        with saved.hooks():
            run(x, 1.0)
        return saved.total

    # the hooks do not see what checkpoint itself holds: the outputs of the convolutions
    convolutions = (2 * 16 + 2 * 24) * 4 * 64 * 8
    assert kept(lambda *given: lean(part, *given, entries=1024)) + convolutions < kept(part)


def test_small_maps_are_left_alone(part, monkeypatch):
    monkeypatch.setattr(module, "LARGE", 4 * 1024 * 8)
    monkeypatch.setattr(module, "checkpoint", None)
    x = torch.randn(4, 16, 8, 8, dtype=torch.float64, requires_grad=True)
    lean(part, x, 1.0, entries=1024).sum().backward()
    with pytest.raises(TypeError):
        lean(part, x, 1.0, entries=1025)
