"""What a learner knows is told from what it is not: NaN and infinities are named."""

from __future__ import annotations

import pytest
import torch

from wmframe.training.finite import learner_tensors, nonfinite


def spoil(tensor, value):
    with torch.no_grad():
        tensor.reshape(-1)[-1] = value


def test_a_learner_that_is_well_has_none(make_learner):
    learner = make_learner()
    learner.update({"x": torch.randn(16, 4)})
    assert nonfinite(learner_tensors(learner)) == set()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["body.0.weight", "mag", "narrow"])
def test_parameters_and_buffers_of_any_dtype_are_named(make_learner, name, value):
    learner = make_learner()
    spoil(learner.state_dict()[name], value)
    assert nonfinite(learner_tensors(learner)) == {name}


def test_what_an_optimizer_remembers_is_named_by_the_parameter(make_learner):
    learner = make_learner()
    learner.update({"x": torch.randn(16, 4)})
    spoil(learner.model_opt.state[learner.head.weight]["exp_avg_sq"], float("inf"))
    (name,) = nonfinite(learner_tensors(learner))
    assert "head.weight" in name
    assert "exp_avg_sq" in name


def test_one_value_is_read_however_many_tensors_there_are(monkeypatch):
    reads, tolist = [], torch.Tensor.tolist
    monkeypatch.setattr(torch.Tensor, "tolist", lambda t: reads.append(t) or tolist(t))
    assert nonfinite({str(i): torch.ones(2) for i in range(50)}) == set()
    assert len(reads) == 1
