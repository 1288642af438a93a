"""Recorded imagination, actors and critics, for the golden tests of this method and those on it.

See :mod:`support.recorded`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import attrs
import torch

from support.golden import FixedNoise, GoldenCase, gradients
from support.recorded import pass_gradients, recorded_state
from wmframe.models.actor_critic import ActorCritic
from wmframe.models.agent import ModelAgent
from wmframe.models.returns import Returns
from wmframe_dreamerv2.reference.names import HEAD
from wmframe_dreamerv2.rssm import RSSMState

_SETTINGS = ("actor_ent", "actor_grad", "actor_grad_mix", "imag_horizon", "discount_lambda")

Load = Callable[[str, Mapping[str, Any], FixedNoise], ModelAgent]
"""An agent, given the name of its case, changes in the reference's terms, and what it draws."""


class Recorded(NamedTuple):
    """A variant of case 16, its actor and critic, and the states that they imagined and returns."""

    case: GoldenCase
    variant: str
    task: ActorCritic
    returns: Returns


def imagine_recorded(
    name: str,
    load: Load,
    *,
    aliasing: bool = False,
    start: Callable[[RSSMState], Any] = lambda state: state,
) -> Recorded:
    """Imagine from the recorded states.

    Args:
        name: of the variant.
        load: makes the agent.
        aliasing: whether the entropy enters the critic's target, as in the reference.
        start: the whole state of the agent's dynamics, given the recorded one.
    """
    case = GoldenCase("case16")
    variant = case.variant(name)
    noise = FixedNoise(case[f"{name}/in/uniform"] if variant["actions"] == "uniform" else ())
    agent = load(variant["params_from"], {key: variant[key] for key in _SETTINGS}, noise)
    task, world_model = cast(ActorCritic, agent.task), agent.world_model
    task.config = attrs.evolve(task.config, entropy_in_target=aliasing)
    pass_gradients(agent, "st" if variant["st"] else "nost")
    if variant["actions"] == "mode":
        task.choose = lambda policy: policy.mode()  # type: ignore[method-assign]
    recorded = recorded_state(case, f"{name}/in/start.")
    assert recorded is not None
    flat = RSSMState(
        (recorded.stats[0].flatten(0, 1),),
        recorded.stoch.flatten(0, 1),
        recorded.deter.flatten(0, 1),
    )
    terminal = case[f"{name}/in/is_terminal"].flatten()
    returns = task.imagine_returns(world_model, start(flat), terminal)
    return Recorded(case, name, task, returns)


def check_imagination(
    recorded: Recorded, latent: Callable[[Any], RSSMState] = lambda state: state
) -> None:
    """Compare what was imagined and the returns.

    Args:
        recorded: what was imagined.
        latent: the part of a state that the recording has.
    """
    case, name, _, returns = recorded
    states = [latent(state) for state in returns.imagined.states]
    sequence = {
        "logit": torch.stack([state.stats[0] for state in states]),
        "stoch": torch.stack([state.stoch for state in states]),
        "deter": torch.stack([state.deter for state in states]),
        "action": returns.imagined.action,
        "reward": returns.reward,
        "discount": returns.discount,
        "weight": returns.weight,
    }
    case.compare_all(f"{name}/out/seq.", sequence)
    case.compare(f"{name}/out/target", returns.target)


def check_actor_critic(recorded: Recorded, *, aliasing: bool) -> None:
    """Compare both losses and their gradients."""
    case, name, task, returns = recorded
    names = case.meta["variants"]["grad_names"]
    losses = task.learn_from(returns)
    case.compare(f"{name}/out/actor_loss", losses.actor)
    grads = gradients(task.actor, losses.actor, HEAD, names["actor"])
    case.compare_gradients(f"{name}/actor/", names["actor"], grads)
    suffix = "" if aliasing else "_without_aliasing"
    case.compare(f"{name}/out/critic_loss{suffix}", losses.critic)
    case.compare(f"{name}/out/target{'_after_actor_loss' if aliasing else ''}", losses.target)
    grads = gradients(task.critic, losses.critic, HEAD, names["critic"])
    case.compare_gradients(f"{name}/critic{suffix}/", names["critic"], grads)
