"""Ids, and what is said where there is none."""

from __future__ import annotations

import gymnasium_toys
import pytest

from wmframe.errors import SimulatorError
from wmframe_gymnasium.lookup import find


def test_ids_modules_and_callables_are_found():
    assert find("CartPole-v1").id == "CartPole-v1"
    assert find("gymnasium_toys:Dial-v0").id == "Dial-v0"
    assert find("gymnasium_toys:Dial") is gymnasium_toys.Dial
    assert find("gymnasium_toys:make_dial") is gymnasium_toys.make_dial


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CartPol-v1", "did you mean 'CartPole-v1'"),
        ("CartPole", "did you mean 'CartPole-v1'"),
        ("Zzyzx-v0", "write MODULE:Zzyzx-v0"),
        ("gymnasium_toys:Dail-v0", "did you mean 'Dial-v0'"),
        ("gymnasium_toys:Nothing", "Dial-v0"),
        ("gymnasium_nowhere:Dial-v0", "pip install"),
    ],
)
def test_an_unknown_id_is_answered_with_what_was_meant(make, name, hint):
    with pytest.raises(SimulatorError) as caught:
        make(name)
    assert hint in caught.value.hint


def test_wrong_kwargs_name_the_environment(make):
    with pytest.raises(SimulatorError, match=r"Dial-v0 cannot be built.*colour") as caught:
        make(kwargs={"colour": 1})
    assert "kwargs" in caught.value.hint


def test_an_unknown_wrapper_is_named(make):
    with pytest.raises(SimulatorError, match="no wrapper 'gymnasium_toys:Revert'"):
        make(wrappers=("gymnasium_toys:Revert",))


def test_a_function_that_makes_an_environment_is_asked_to_draw(make):
    env = make("gymnasium_toys:make_dial", kwargs={"length": 2})
    assert env.reset(seed=0)[0]["image"].shape == (64, 64, 3)
    assert [env.step(0)[2] for _ in range(2)] == [False, True]
