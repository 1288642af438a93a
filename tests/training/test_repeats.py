"""Updates and policies of every method do the same work each time, and take nothing of the host."""

from __future__ import annotations

import pytest
import torch

from wmframe.testing.repeats import Trace, trace_updates
from wmframe.testing.samples import IMAGES, leaves
from wmframe.training.samples import raw

UPDATES = 4
"""Beyond the second one a hold and a warm-up end; a slow target moves at the first and third."""


@pytest.mark.slow
def test_every_update_does_the_same_with_what_is_on_the_device(method):
    first, *later = trace_updates(method.build, method.batch(), UPDATES)
    assert first.calls != later[0].calls  # it makes the optimizers' state
    for trace in later:
        assert trace.from_host == []
        assert trace.calls == later[0].calls


def test_every_decision_does_the_same_with_what_is_on_the_device(method):
    if method.videos:
        pytest.skip("nothing acts")
    with torch.device("meta"):
        agent = method.build()
    state, traces = agent.initial_state(2), []
    obs = {**raw(IMAGES, 2), "is_first": torch.ones(2)}
    obs = {key: value.to("meta") for key, value in obs.items()}
    shapes = [leaf.shape for leaf in leaves(state)]
    for _ in range(2):
        with Trace() as trace, torch.inference_mode():
            _, state = agent.act(obs, state)
        assert trace.from_host == []
        assert [leaf.shape for leaf in leaves(state)] == shapes
        traces.append(trace.calls)
    assert traces[0] == traces[1]


def test_a_trace_sees_what_changes_and_what_comes_from_the_host():
    here = torch.ones(2, device="meta")
    with Trace() as one:
        here * 2.0
    with Trace() as another:
        here * 3.0
    assert one.calls != another.calls
    with Trace() as trace:
        torch.tensor([1.0, 2.0]).to("meta")
    assert trace.from_host
