"""Updates and decisions in bfloat16: near those in float32, and nothing that lasts is bfloat16."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.interfaces import Agent, Learner
from wmframe.nn.precision import (
    autocast_off,
    backward,
    resolve_precision,
    to_autocast_dtype,
)
from wmframe.testing.samples import finite
from wmframe.training.precision import act_in, update_in


def autocast():
    return torch.autocast("cpu", dtype=torch.bfloat16)


def test_bfloat16_updates_are_near_those_in_float32(method):
    seen = {}
    for precision in ("float32", "bfloat16"):
        learner = method.build()
        update = update_in(learner, "cpu", precision)
        for seed in range(2):
            batch = method.batch(seed)
            torch.manual_seed(5)
            seen[precision] = update(batch)
    exact, near = seen["float32"], seen["bfloat16"]
    assert finite(near)
    for name in (name for name in exact if name.endswith("_loss")):
        assert float(near[name]) == pytest.approx(float(exact[name]), rel=0.05, abs=0.05), name
    assert {x.dtype for x in near.values()} == {torch.float32}
    assert {x.dtype for x in learner.parameters()} == {torch.float32}
    for optimizer in learner.optimizers().values():
        states = optimizer.state_dict()["state"].values()
        assert {x.dtype for state in states for x in state.values()} == {torch.float32}


class Looks(Agent):
    """Tells as its actions in which precision it acts."""

    def initial_state(self, batch):
        return torch.zeros(batch, 1)

    def act(self, obs, state, mode="train"):
        return to_autocast_dtype(obs["x"]), mode

    def update(self, batch):
        return {}

    def optimizers(self):
        return {}

    def predict(self, batch, observed_steps=5):
        return {}


@pytest.mark.parametrize(
    ("precision", "device", "wanted"),
    (
        ("bfloat16", "cpu", torch.bfloat16),
        ("float32", "cpu", torch.float32),
        ("tf32", "cpu", torch.float32),
        ("bfloat16", "cuda:0", torch.float32),
    ),
)
def test_an_agent_explores_in_bfloat16_on_a_cpu_alone(precision, device, wanted):
    act = act_in(Looks(), device, precision)
    action, mode = act({"x": torch.ones(1, 1)}, torch.zeros(1, 1))
    assert (action.dtype, mode) == (wanted, "train")
    assert not torch.is_autocast_enabled("cpu")


def test_bfloat16_is_what_products_are_in():
    learner = Twice()
    update_in(learner, "cpu", "bfloat16")({"x": torch.ones(2, 3)})
    assert learner.seen == [torch.bfloat16, torch.bfloat16]
    update_in(learner, "cpu", "tf32")({"x": torch.ones(2, 3)})
    assert learner.seen[2:] == [torch.float32, torch.float32]


def test_what_runs_after_a_step_sees_the_parameters_after_it():
    learner = Twice()
    x = torch.ones(2, 3)
    after = update_in(learner, "cpu", "bfloat16")({"x": x})["after"]
    with autocast():
        torch.testing.assert_close(after, learner.layer(x).float().mean())


@pytest.mark.parametrize(
    ("able", "wanted"),
    (
        ({"avx512_bf16": True, "amx_bf16": False}, "bfloat16"),
        ({"avx512_bf16": False, "amx_bf16": True}, "bfloat16"),
        ({"avx512_bf16": False, "avx512_f": True}, "float32"),
        ({}, "float32"),
    ),
)
def test_auto_is_bfloat16_where_a_cpu_multiplies_that_itself(able, wanted, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able, raising=False)
    assert resolve_precision("auto", "cpu") == wanted
    assert resolve_precision("float32", "cpu") == "float32"
    assert resolve_precision("auto", "mps") == "float32"


@pytest.mark.parametrize("native", (True, False))
def test_auto_asks_a_gpu_as_well(native, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: native)
    assert resolve_precision("auto", "cuda:1") == ("bfloat16" if native else "float32")


def test_a_torch_that_does_not_tell_means_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert resolve_precision("auto", "cpu") == "float32"


def test_full_turns_autocast_off_and_lower_follows_it():
    x = torch.ones(2, 2)
    with autocast():
        assert (x @ x).dtype == to_autocast_dtype(x).dtype == torch.bfloat16
        with autocast_off(x):
            assert (x @ x).dtype == to_autocast_dtype(x).dtype == torch.float32
    assert to_autocast_dtype(x) is x
    with autocast_off(torch.ones(1, device="meta")):  # a device without autocast
        pass


class Twice(Learner):
    """Uses its layer before and after a step."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(3, 1)
        self.optimizer = torch.optim.SGD(self.layer.parameters(), lr=1.0)
        self.seen = []

    def update(self, batch):
        backward(self.value(batch).square())
        self.optimizer.step()
        with torch.no_grad():
            return {"after": self.value(batch)}

    def value(self, batch):
        out = self.layer(batch["x"])
        self.seen.append(out.dtype)
        return out.float().mean()

    def optimizers(self):
        return {"model": self.optimizer}

    def predict(self, batch, observed_steps=5):
        return {}
