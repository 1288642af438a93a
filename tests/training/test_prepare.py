"""What an agent prepares to act changes no decision, and does not outlive an update."""

from __future__ import annotations

import pytest
import torch

from wmframe.testing.samples import IMAGES, leaves
from wmframe.training.samples import raw


@pytest.fixture
def agent(method):
    if method.videos:
        pytest.skip("nothing acts")
    return method.build()


@pytest.fixture
def decide(agent):
    obs = {**raw(IMAGES, 2), "is_first": torch.ones(2)}
    state = agent.initial_state(2)

    @torch.inference_mode()
    def decide():
        torch.manual_seed(2)
        return [x.clone() for x in leaves(agent.act(obs, state, "eval"))]

    return decide


def test_a_prepared_agent_decides_as_it_does_unprepared_and_follows_updates(agent, decide, method):
    before = None
    for update in range(3):
        wanted = decide()
        agent.prepare()
        torch.testing.assert_close(decide(), wanted, rtol=1e-4, atol=1e-5)
        agent.update(method.batch(update))
        after = decide()
        assert any(not torch.allclose(a, b) for a, b in zip(after, wanted, strict=True))
        before = after
    agent.prepare()
    torch.testing.assert_close(decide(), before, rtol=1e-4, atol=1e-5)


def test_weights_changed_by_their_data_are_seen_by_acting(agent, decide):
    before = decide()
    for parameter in agent.parameters():
        parameter.data.mul_(1.5)
    seen = decide()
    agent.prepare()
    torch.testing.assert_close(decide(), seen, rtol=1e-4, atol=1e-5)
    assert any(not torch.allclose(a, b) for a, b in zip(before, seen, strict=True))
