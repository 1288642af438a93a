"""What every suite promises: spaces, types, seeding, action repeat and the end of episodes."""

from __future__ import annotations

import pickle
from typing import Any, Final, NamedTuple

import attrs
import gymnasium
import numpy as np
from gymnasium import spaces

from wmframe import checks
from wmframe.config import Part
from wmframe.envs.actions import ActionCodec
from wmframe.envs.observing import observed
from wmframe.envs.vector import Simulators
from wmframe.errors import SimulatorError
from wmframe.interfaces.suite import EnvSuite
from wmframe.testing.expect import expect

REDUCTIONS: Final = ("last", "max", "mean", "sum")
STEPS: Final = 4
"""Decisions per episode that is tried; drawing can be slow."""


class Moment(NamedTuple):
    """What an environment said after one decision."""

    obs: dict[str, np.ndarray]
    reward: float
    terminated: bool
    truncated: bool


def check_suite_part(part: Part) -> None:
    """Build a suite and check it; with a ``time_limit`` setting, also that it cuts episodes there.

    Raises:
        ConformanceError: with what to change.
    """
    suite = part.build()
    expect(isinstance(suite, EnvSuite), f"{part.use} builds a {type(suite).__name__}, no EnvSuite")
    check_suite(suite)
    if "time_limit" in part.settings():
        limit = STEPS * suite.action_repeat - suite.action_repeat // 2
        check_time_limit(attrs.evolve(part, config=attrs.evolve(part.config, time_limit=limit)))


def check_suite(suite: EnvSuite) -> None:
    """Check a suite and a short stretch of its environment.

    Raises:
        ConformanceError: with what to change.
    """
    check_settings(suite)
    env = suite.make()
    try:
        check_spaces(env)
        check_seeding(suite, env)
    finally:
        env.close()


def check_settings(suite: EnvSuite) -> None:
    """Check what the suite says of itself, and that it can go to worker processes."""
    name = type(suite).__name__
    tasks = list(suite.tasks())
    expect(tasks and len(set(tasks)) == len(tasks), f"{name}.tasks() lists each task once")
    repeat = suite.action_repeat
    expect(isinstance(repeat, int) and repeat >= 1, f"{name}.action_repeat is {repeat!r}, no count")
    wrong = {key: how for key, how in suite.scores.items() if how not in REDUCTIONS}
    expect(not wrong, f"{name}.scores reduces by {wrong}; choose one of {', '.join(REDUCTIONS)}")
    facts = suite.facts()
    strings = all(isinstance(text, str) for text in (*facts, *facts.values()))
    expect(strings, f"{name}.facts() holds more than strings, which the run's lock cannot keep")
    try:
        pickle.loads(pickle.dumps(suite))
    except Exception as error:
        expect(False, f"{name} cannot be pickled ({error}); hold settings only, build in make()")


def check_spaces(env: gymnasium.Env[Any, Any]) -> None:
    """Check that observations are a dict, its picture is one, and actions are of a known type."""
    space = env.observation_space
    expect(isinstance(space, spaces.Dict), f"observation_space is {space}; it is a Dict")
    assert isinstance(space, spaces.Dict)  # for the type checker
    if "image" in space.spaces:
        check_picture(space["image"])
    try:
        observed(space)
        ActionCodec(env.action_space)
    except SimulatorError as error:
        expect(False, f"{error.message}; {error.hint}")


def check_picture(space: gymnasium.Space[Any]) -> None:
    """Check that a space is one of pictures."""
    is_picture = isinstance(space, spaces.Box) and space.dtype == np.uint8
    expect(is_picture and len(space.shape or ()) == 3, f"image is {space}; it is uint8 [H, W, C]")


def check_seeding(suite: EnvSuite, env: gymnasium.Env[Any, Any]) -> None:
    """Check that a seed fixes an episode, whatever was simulated before it."""
    first = episode(suite, env, seed=1)
    episode(suite, env, seed=2, steps=1)
    again = episode(suite, env, seed=1)
    if not suite.deterministic:
        return
    hint = "draw everything from the seed, or set deterministic = False"
    for number, (one, other) in enumerate(zip(first, again, strict=True)):
        for key in one.obs:
            same = np.array_equal(one.obs[key], other.obs[key])
            expect(same, f"with one seed, {key} differs at step {number} of two episodes; {hint}")
        expect(one[1:] == other[1:], f"with one seed, step {number} ends or pays otherwise; {hint}")


def check_replay(suite: EnvSuite, turns: int = 8) -> None:
    """Check that an episode can be replayed from its seed and actions, as resuming a run does.

    It is begun in a worker process and replayed in this one.

    Args:
        suite: one that is deterministic.
        turns: decisions, no more than an episode has.

    Raises:
        ConformanceError: a row differs.
    """
    rng, rows = np.random.default_rng(0), []
    with Simulators(suite, 1, seed=4) as sims:
        for turn in range(turns):
            sims.send(None if turn == 0 else sims.codec.sample(rng)[None])
            rows.append(sims.receive().data)
        state = sims.state()
    with Simulators(suite, 1, seed=4, processes=False) as sims:
        [history], _ = sims.restore(state)
    for number, (past, replayed) in enumerate(zip(rows, history, strict=True)):
        for key in past:
            same = np.array_equal(past[key][0], replayed[key])
            expect(same, f"{key} differs at row {number} of an episode that is replayed")


def episode(
    suite: EnvSuite, env: gymnasium.Env[Any, Any], seed: int, steps: int = STEPS
) -> list[Moment]:
    """Run up to ``steps`` decisions of an episode, checking each answer of the environment."""
    codec, rng = ActionCodec(env.action_space), np.random.default_rng(seed)
    obs, _ = env.reset(seed=seed)
    check_observation(env, obs)
    moments = [Moment(copied(obs), 0.0, False, False)]
    while len(moments) <= steps and not (moments[-1].terminated or moments[-1].truncated):
        obs, reward, terminated, truncated, info = env.step(codec.decode(codec.sample(rng)))
        check_observation(env, obs)
        earned = check_answer(suite, reward, terminated, truncated, info)
        moments.append(Moment(copied(obs), earned, terminated, truncated))
    return moments


def copied(obs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The observation, safe from environments that reuse their arrays."""
    return {key: np.array(value) for key, value in obs.items()}


def check_observation(env: gymnasium.Env[Any, Any], obs: Any) -> None:
    """Check that an observation is of its space, to the type."""
    space = env.observation_space
    assert isinstance(space, spaces.Dict)
    keys, known = set(obs), set(space.spaces)
    expect(keys == known, f"an observation has {sorted(keys)}, its space {sorted(known)}")
    for key, value in obs.items():
        got = f"{getattr(value, 'dtype', type(value).__name__)} {np.shape(value)}"
        wanted = f"{space[key].dtype} {space[key].shape}"
        expect(got == wanted, f"{key} is {got}; its space says {wanted}")
        expect(space.spaces[key].contains(value), f"{key} is outside the bounds of its space")


def check_answer(
    suite: EnvSuite, reward: Any, terminated: Any, truncated: Any, info: dict[str, Any]
) -> float:
    """Check reward, ends and scores of a step, and give the reward as a float."""
    earned = check_number("the reward", reward)
    for name, value in (("terminated", terminated), ("truncated", truncated)):
        expect(type(value) is bool, f"{name} is a {type(value).__name__}; convert it by bool()")
    missing = sorted(set(suite.scores) - set(info))
    expect(not missing, f"info lacks {missing}, which the suite's scores name")
    for key in suite.scores:
        check_number(f"the score {key!r}", info[key])
    return earned


def check_number(name: str, value: Any) -> float:
    """Check that a value is one finite number, and give it as a float."""
    try:
        return checks.number(value)
    except checks.Misfit as misfit:
        expect(False, f"{name} {misfit}; {misfit.hint}")
        raise


def check_time_limit(part: Part) -> None:
    """Check that ``time_limit`` counts simulator frames; the decision it falls in is the last."""
    suite: EnvSuite = part.build()
    env, limit = suite.make(), part.config.time_limit
    try:
        last = episode(suite, env, seed=1, steps=STEPS + 1)
    finally:
        env.close()
    if last[-1].terminated:
        return
    ended, decisions = last[-1].truncated, len(last) - 1
    expect(
        ended and decisions == STEPS,
        f"time_limit {limit} with action_repeat {suite.action_repeat} should truncate after "
        f"{STEPS} decisions; after {decisions}, truncated is {ended}",
    )
