"""What is computed again in backward gives the same numbers, and leaves no trace of that."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from wmframe.nn.checkpointing import checkpointed
from wmframe.nn.residual import ResidualStack


class Part(nn.Module):
    """A residual stack between dropout and pooling; counts how often it runs, and uses that."""

    def __init__(self, norm: str) -> None:
        super().__init__()
        self.stack = ResidualStack([16, 16, 24], norm)
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

    def forward(self, x, scale):
        self.calls += 1
        out = self.stack(functional.dropout(x, 0.3) * scale * self.calls.clone())
        return functional.avg_pool2d(out, 2)


@pytest.fixture(params=("batch", "group", "none"))
def make_part(request):
    def make():
        torch.manual_seed(0)
        return Part(request.param).double()

    return make


def outcome(part, run):
    """Outputs of two calls, gradients, buffers, and the next random number."""
    torch.manual_seed(1)
    x = torch.randn(4, 16, 8, 8, dtype=torch.float64, requires_grad=True)
    scale = torch.full((), 2.0, dtype=torch.float64, requires_grad=True)
    outs = [run(x, scale), run(x, scale)]
    loss = sum(out.square().sum() for out in outs)
    for _ in range(2):
        gradients = torch.autograd.grad(loss, [x, scale, *part.parameters()], retain_graph=True)
    return outs, gradients, [b.clone() for b in part.buffers()], torch.rand(3)


def test_outputs_gradients_statistics_and_counters_are_those_of_the_part_itself(make_part):
    part, plain = make_part(), make_part()
    found = outcome(part, lambda *given: checkpointed(part, *given))
    torch.testing.assert_close(found, outcome(plain, plain), rtol=0, atol=1e-12)
    assert part.calls == 2


def test_less_is_kept_for_backward(make_part):
    part = make_part()
    x = torch.randn(4, 16, 8, 8, dtype=torch.float64, requires_grad=True)

    def kept(run):
        saved = []
        with torch.autograd.graph.saved_tensors_hooks(
            lambda t: saved.append(t.nbytes), lambda _: None
        ):
            run(x, 1.0)
        return sum(saved)

    assert kept(lambda *given: checkpointed(part, *given)) < kept(part) / 10
