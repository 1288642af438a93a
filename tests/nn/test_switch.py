"""The kernels for the CPU can be switched off, by a recipe and by the environment."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from wmframe.errors import UsageError
from wmframe.nn.cpu import attention, prepared
from wmframe.nn.cpu.probe import probe
from wmframe.nn.cpu.switch import KERNELS, VARIABLE, enabled, left_out, set_kernels, without


@pytest.fixture(autouse=True)
def as_it_was():
    with without(()):
        yield


def test_a_recipe_switches_all_and_the_environment_overrides_it(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    set_kernels(False)
    assert not any(map(enabled, KERNELS))
    set_kernels(True)
    assert all(map(enabled, KERNELS))
    monkeypatch.setenv(VARIABLE, "off")
    set_kernels(True)
    assert not any(map(enabled, KERNELS))


def test_single_kernels_can_be_left_out():
    name, *others = KERNELS
    assert left_out(f"on,-{name}") == {name}
    with without({name}):
        assert not enabled(name)
        assert all(map(enabled, others))
    assert enabled(name)


def test_a_word_that_means_nothing_is_refused():
    with pytest.raises(UsageError, match="fast"):
        left_out("fast")


def test_every_kernel_works_with_this_torch():
    assert probe() == dict.fromkeys(KERNELS, True)


def test_where_a_probe_fails_torchs_own_operations_are_used(monkeypatch):
    for module, name in ((prepared, "can_prepack"), (attention, "has_softmax_backward")):
        monkeypatch.setattr(module, name, lambda: False)
    net = nn.Sequential(nn.Conv2d(3, 8, 3))
    assert prepared.prepared(net) is net
    monkeypatch.setattr(attention, "dropout_mask", None)
    x = torch.ones(1, 1, 2, 4)
    assert attention.scaled_dot_product_attention(x, x, x, None, 0.5).shape == x.shape
