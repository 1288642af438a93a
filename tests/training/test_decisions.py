"""What is prepared for a policy between updates never changes its decisions, nor outlives them."""

from __future__ import annotations

import pytest
import torch

from wmframe.nn import conv, residual
from wmframe.testing.samples import IMAGES, leaves, raw


@pytest.fixture
def unprepared(monkeypatch):
    """Calls a function with every convolution done as in training."""

    def call(function):
        with monkeypatch.context() as patch:
            for module in (conv, residual):
                patch.setattr(module, "settled", lambda *_: False)
            return function()

    return call


def test_a_policy_follows_every_update(method, unprepared):
    if method.videos:
        pytest.skip("nothing acts")
    agent = method.build()
    torch.manual_seed(1)
    obs = {**raw(IMAGES, 2), "is_first": torch.ones(2)}
    state = agent.initial_state(2)

    @torch.inference_mode()
    def decide():
        torch.manual_seed(2)
        return [x.clone() for x in leaves(agent.act(obs, state, "eval"))]

    before = None
    for update in range(3):
        found, wanted = decide(), unprepared(decide)
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)
        if before is not None:
            changed = [not torch.allclose(a, b) for a, b in zip(before, found, strict=True)]
            assert any(changed)
        before = found
        agent.update(method.batch(update))
