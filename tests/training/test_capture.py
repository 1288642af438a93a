"""Captured work does what calls would have done; what cannot be captured is called."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from wmframe.config import default_part
from wmframe.errors import WmframeError
from wmframe.interfaces import Learner
from wmframe.nn.trees import tree_map
from wmframe.training import capture
from wmframe.training.capture import WARM_UP, Captured, Recorder, captured
from wmframe.training.optimizer import Optimizer

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def settings(kind="adam", **values):
    return default_part("optimizer", {"use": kind, **values})


class Rerun(Recorder):
    """Records by keeping the closure, and replays by calling it, on its own tensors each time."""

    def __init__(self, device="cpu"):
        self.recordings = 0

    def warm_up(self, work):
        return work()

    def record(self, work):
        self.recordings += 1
        result = {}

        def replay():
            for name, value in work().items():
                result.setdefault(name, torch.empty_like(value)).copy_(value)

        return replay, result


@pytest.mark.parametrize("name", ["tiny", "method"])
def test_replays_leave_the_weights_that_updates_leave(name, make_learner, request):
    if name == "tiny":
        build = make_learner
        batches = [{"x": torch.randn(5, 4)} for _ in range(WARM_UP + 3)]
    else:
        contextwm = request.getfixturevalue("make_method")("contextwm")
        build = contextwm.build
        batches = [contextwm.batch(seed) for seed in range(WARM_UP + 2)]
    torch.manual_seed(0)
    called, replayed = build(), build()
    replayed.load_state_dict(called.state_dict())
    recorder = Rerun()
    update = Captured(replayed.update, recorder, "the update")
    seen = [], []
    for learn, found in zip((called.update, update), seen, strict=True):
        torch.manual_seed(1)
        found += [tree_map(torch.clone, learn(dict(one))) for one in batches]
    assert recorder.recordings == 1
    torch.testing.assert_close(seen[1], seen[0], rtol=0, atol=0)
    torch.testing.assert_close(replayed.state_dict(), called.state_dict(), rtol=0, atol=0)


def test_a_replay_reads_the_batch_at_hand_and_overwrites_the_last_result():
    doubled = Captured(lambda batch: {"y": 2 * batch["x"]}, Rerun(), "doubling")
    results = [doubled({"x": torch.tensor([float(n)])}) for n in range(WARM_UP + 2)]
    assert [float(one["y"]) for one in results[:WARM_UP]] == [0.0, 2.0, 4.0]
    assert results[-1] is results[-2]
    assert float(results[-1]["y"]) == 2.0 * (WARM_UP + 1)


def test_a_state_that_a_replay_returned_is_what_the_next_one_gets():
    step = Captured(lambda x, s: {"s": s["s"] + x}, Rerun(), "adding")
    state = {"s": torch.zeros(1)}
    for _ in range(WARM_UP + 4):
        state = step(torch.ones(1), state)
    assert float(state["s"]) == WARM_UP + 4


def test_other_shapes_are_called_with_a_warning():
    recorder = Rerun()
    doubled = Captured(lambda batch: {"y": 2 * batch["x"]}, recorder, "doubling")
    for _ in range(WARM_UP + 1):
        doubled({"x": torch.ones(1)})
    with pytest.warns(UserWarning, match="doubling: other shapes"):
        assert doubled({"x": torch.ones(3)})["y"].shape == (3,)
    assert doubled({"x": torch.full((1,), 4.0)})["y"].item() == 8
    assert recorder.recordings == 1


def test_what_a_recorder_refuses_is_an_error_with_a_way_out():
    class Refusing(Rerun):
        def record(self, work):
            raise RuntimeError("operation not permitted when stream is capturing")

    work = Captured(lambda x: {"y": x}, Refusing(), "the update")
    for _ in range(WARM_UP):
        work(torch.ones(1))
    with pytest.raises(WmframeError, match="not permitted") as error:
        work(torch.ones(1))
    assert "cuda_graphs = false" in error.value.hint


class Small(Learner):
    """One layer with one optimizer."""

    def __init__(self, make_optimizer):
        super().__init__()
        self.layer = nn.Linear(2, 1)
        self.optimizer = make_optimizer(self.layer.parameters())

    def update(self, batch):
        loss = self.layer(batch["x"]).square().mean()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss.detach()}

    def optimizers(self):
        return {"model": getattr(self.optimizer, "torch", self.optimizer)}

    def predict(self, batch, observed_steps=5):
        return {}


def ours(parameters):
    return Optimizer(parameters, settings(hold=2))


@pytest.mark.parametrize(
    ("make_optimizer", "device", "enabled", "wanted"),
    [
        (ours, "cuda", True, True),
        (ours, "cuda", False, False),
        (ours, "cpu", True, False),
        (torch.optim.Adam, "cuda", True, False),  # it counts its steps on the host
        (torch.optim.SGD, "cuda", True, True),
    ],
)
def test_what_is_captured(make_optimizer, device, enabled, wanted, monkeypatch):
    monkeypatch.setattr(capture, "GraphRecorder", Rerun)
    learner = Small(make_optimizer)
    work = captured(learner.update, learner, device, enabled=enabled, name="the update")
    assert isinstance(work, Captured) == wanted


def test_one_module_that_cannot_be_captured_is_enough(monkeypatch):
    monkeypatch.setattr(capture, "GraphRecorder", Rerun)
    learner = Small(ours)
    learner.layer.capturable = False
    assert captured(learner.update, learner, "cuda", enabled=True, name="it") == learner.update


def test_a_graph_is_captured_aside_and_in_the_mode_of_gradients_but_no_inference(monkeypatch):
    done = []

    class Stream:
        device = "cuda:1"

        def __init__(self, name):
            self.name = name

        def wait_stream(self, other):
            done.append(f"{self.name} waits for {other.name}")

    @contextmanager
    def graph(graph, stream):
        done.append(f"records on {stream.name}")
        yield

    cuda = SimpleNamespace(
        Stream=lambda device: Stream("side"),
        current_stream=lambda device: Stream("main"),
        stream=lambda stream: nullcontext(),
        device=lambda device: nullcontext(),
        CUDAGraph=lambda: SimpleNamespace(replay=lambda: done.append("replays")),
        graph=graph,
    )
    monkeypatch.setattr(torch, "cuda", cuda)
    work = Captured(lambda x: {"y": x + 1}, capture.GraphRecorder("cuda"), "the policy")
    with torch.inference_mode():
        for _ in range(WARM_UP + 2):
            result = work(torch.ones(1))
    waits = ["side waits for main", "main waits for side"]
    assert done == [*WARM_UP * waits, "records on side", "replays", "replays"]
    assert not result["y"].is_inference()
    assert not result["y"].requires_grad


@GPU
def test_a_graph_leaves_the_weights_that_updates_leave():
    torch.manual_seed(0)
    called, replayed = (Small(ours).to("cuda") for _ in range(2))
    replayed.load_state_dict(called.state_dict())
    update = captured(replayed.update, replayed, "cuda", enabled=True, name="the update")
    assert isinstance(update, Captured)
    for _ in range(WARM_UP + 3):
        batch = {"x": torch.randn(3, 2, device="cuda")}
        torch.testing.assert_close(update(batch)["loss"], called.update(batch)["loss"])
    torch.testing.assert_close(replayed.state_dict(), called.state_dict())


@GPU
def test_an_update_never_waits_for_the_gpu_and_can_be_replayed(method):
    learner = method.build().to("cuda")
    batch = {key: value.to("cuda") for key, value in method.batch().items()}
    learner.update(batch)  # kernels are chosen and optimizers' state is made
    torch.cuda.set_sync_debug_mode("error")
    try:
        learner.update(batch)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    update = captured(learner.update, learner, "cuda", enabled=True, name="the update")
    for _ in range(WARM_UP + 2):
        metrics = update(batch)
    assert all(bool(torch.isfinite(value)) for value in metrics.values())
