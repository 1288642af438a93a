"""Faults of a suite that its conformance check names."""

from __future__ import annotations

import types

import attrs
import numpy as np
import pytest
import specimen
import specimen_config
from gymnasium import spaces

from wmframe.config import Part
from wmframe.plugin import Component
from wmframe.testing import ConformanceError
from wmframe.testing.suites import check_replay, check_suite, check_time_limit


def suite_of(env_class, **attributes):
    """The specimen with another environment."""
    suite = specimen.Suite()
    vars(suite).update(attributes)
    suite.make = types.MethodType(make, suite)
    suite.env_class = env_class
    return suite


def make(self, mode="train"):
    return self.env_class(self.action_repeat, self.time_limit)


class FloatImage(specimen.Env):
    def observe(self):
        return {"image": super().observe()["image"].astype(np.float32)}


class ExtraKey(specimen.Env):
    def observe(self):
        return {**super().observe(), "depth": np.zeros(3)}


class Unseeded(specimen.Env):
    def observe(self):
        return {"image": np.random.default_rng().integers(0, 256, (64, 64, 3), np.uint8)}


class UnseededReward(specimen.Env):
    def step(self, action):
        answer = super().step(action)
        return (answer[0], float(np.random.default_rng().normal()), *answer[2:])


class NumpyEnd(specimen.Env):
    def step(self, action):
        obs, reward, _, truncated, info = super().step(action)
        return obs, reward, np.bool_(False), truncated, info


class NanReward(specimen.Env):
    def step(self, action):
        obs, _, *rest = super().step(action)
        return (obs, float("nan"), *rest)


class NoReward(specimen.Env):
    def step(self, action):
        obs, _, *rest = super().step(action)
        return (obs, None, *rest)


class OddScore(specimen.Env):
    def step(self, action):
        return (*super().step(action)[:4], {"success": None})


class TakenName(specimen.Env):
    observation_space = spaces.Dict({"reward": spaces.Box(-1, 1, (2,), np.float32)})


class OddActions(specimen.Env):
    action_space = spaces.Text(3)


class NoScore(specimen.Env):
    def step(self, action):
        return (*super().step(action)[:4], {})


class Bare(specimen.Env):
    observation_space = spaces.Box(0, 255, (64, 64, 3), np.uint8)


class FloatSpace(specimen.Env):
    observation_space = spaces.Dict({"image": spaces.Box(0, 1, (64, 64, 3), np.float32)})


@pytest.mark.parametrize(
    ("env_class", "message"),
    [
        (FloatImage, r"image is float32 \(64, 64, 3\); its space says uint8"),
        (ExtraKey, "depth"),
        (Unseeded, "with one seed, image differs at step 0"),
        (UnseededReward, "with one seed, step 1 ends or pays otherwise"),
        (NumpyEnd, r"terminated is a .*convert it by bool"),
        (NanReward, "the reward is nan"),
        (NoReward, "the reward is None; declared is one finite number"),
        (OddScore, "the score 'success' is None"),
        (TakenName, "'reward' is a name that rows or learners need; rename"),
        (OddActions, "type Text"),
        (NoScore, r"info lacks \['success'\]"),
        (Bare, "it is a Dict"),
        (FloatSpace, r"it is uint8 \[H, W, C\]"),
    ],
)
def test_a_faulty_environment_is_refused(env_class, message):
    with pytest.raises(ConformanceError, match=message):
        check_suite(suite_of(env_class))


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"action_repeat": 0}, "action_repeat is 0"),
        ({"scores": {"success": "best"}}, "reduces by .*best"),
        ({"tasks": lambda: ["a", "a"]}, "lists each task once"),
        ({"facts": lambda: {"version": 3}}, "more than strings"),
        ({"handle": (number for number in "12")}, "cannot be pickled"),
    ],
)
def test_a_faulty_suite_is_refused(attributes, message):
    suite = specimen.Suite()
    vars(suite).update(attributes)
    with pytest.raises(ConformanceError, match=message):
        check_suite(suite)


def test_a_suite_that_says_it_is_not_deterministic_may_draw_freely():
    check_suite(suite_of(Unseeded, deterministic=False))


class CountsDecisions(specimen.Suite):
    def make(self, mode="train"):
        env = super().make(mode)
        env.repeat = 1
        return env


def test_a_time_limit_that_counts_decisions_is_refused(monkeypatch):
    monkeypatch.setattr(specimen, "CountsDecisions", CountsDecisions, raising=False)
    component = Component("suite", "specimen", target="specimen:Suite")
    part = Part("specimen", specimen_config.SuiteConfig(time_limit=7), component)
    check_time_limit(part)
    wrong = attrs.evolve(
        part, component=Component("suite", "specimen", target="specimen:CountsDecisions")
    )
    with pytest.raises(ConformanceError, match="time_limit 7 with action_repeat 2"):
        check_time_limit(wrong)


def test_an_episode_that_is_replayed_in_another_process_is_the_same(monkeypatch):
    check_replay(specimen.Suite(), turns=4)
    monkeypatch.setattr(specimen.Env, "observe", Unseeded.observe)  # in this process alone
    with pytest.raises(ConformanceError, match="image differs at row 0 of an episode"):
        check_replay(specimen.Suite(), turns=4)
