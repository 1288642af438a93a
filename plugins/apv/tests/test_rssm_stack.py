"""The stack: what reaches which model, and what each goes on from."""

from __future__ import annotations

import pytest
import torch

from support.golden import FixedNoise
from wmframe.errors import UsageError
from wmframe.nn.trees import tree_map
from wmframe.recipe.structure import structure_part
from wmframe.types import Observed
from wmframe_apv.rssm_stack import StackedState

B, T, E, A = 2, 4, 6, 3
SMALL = {"hidden": 8, "deter": 10, "stoch": 3, "discrete": 4}


def make(**settings):
    torch.manual_seed(0)
    parts = {"action_free": {**SMALL, "deter": 7}, "conditional": SMALL}
    part = structure_part("dynamics", {"use": "apv.rssm_stack", **parts, **settings})
    return part.build(embed_dim=E, action_dim=A, noise=FixedNoise())


def clip():
    torch.manual_seed(1)
    is_first = torch.zeros(B, T)
    is_first[:, 0] = 1
    return torch.randn(B, T, E), torch.randn(B, T, A), is_first


def at(observed: Observed, step: int) -> StackedState:
    return tree_map(lambda x: x[:, step], observed.posterior)


def test_actions_reach_the_conditional_model_alone():
    stack, (embed, action, is_first) = make(), clip()
    one, other = (stack.observe(embed, a, is_first).posterior for a in (action, -action))
    assert torch.equal(one.action_free.deter, other.action_free.deter)
    assert not torch.allclose(one.conditional.deter, other.conditional.deter)


@pytest.mark.parametrize("concat", [False, True])
def test_the_conditional_model_observes_the_other_ones_features(concat):
    stack = make(concat_embed=concat)
    embed, action, is_first = clip()
    free = stack.action_free.observe(embed, None, is_first).posterior
    feat = stack.action_free.features(free)
    seen = torch.cat([embed, feat], -1) if concat else feat
    wanted = stack.conditional.observe(seen, action, is_first).posterior
    found = stack.observe(embed, action, is_first).posterior
    assert torch.equal(stack.features(found), stack.conditional.features(wanted))
    assert torch.equal(stack.novelty_features(found), feat)
    assert stack.novelty_dim == 3 * 4 + 7
    assert stack.feat_dim == 3 * 4 + 10


def test_observing_step_by_step_gives_the_states_of_the_whole_clip():
    stack = make(concat_embed=True)
    embed, action, is_first = clip()
    whole = stack.observe(embed, action, is_first)
    state = stack.initial(B)
    for step in range(T):
        state = stack.observe_step(state, embed[:, step], action[:, step], is_first[:, step])
        for found, wanted in zip(state, at(whole, step), strict=True):
            assert torch.allclose(found.deter, wanted.deter, atol=1e-6)
            assert torch.allclose(found.stats[0], wanted.stats[0], atol=1e-6)


def test_each_model_goes_on_from_its_own_state():
    stack, (embed, action, is_first) = make(), clip()
    whole = stack.observe(embed, action, is_first)
    rest = stack.observe(embed[:, 2:], action[:, 2:], is_first[:, 2:], at(whole, 1))
    for found, wanted in zip(rest.posterior, whole.posterior, strict=True):
        assert torch.allclose(found.deter, wanted.deter[:, 2:], atol=1e-6)


def test_imagination_rolls_the_conditional_model_alone():
    stack, (embed, action, is_first) = make(), clip()
    last = at(stack.observe(embed, action, is_first), -1)
    imagined = stack.imagine_step(last, action[:, 0])
    wanted = stack.conditional.imagine_step(last.conditional, action[:, 0])
    assert imagined.action_free is None
    assert torch.equal(stack.features(imagined), stack.conditional.features(wanted))


def test_both_models_have_losses_and_the_marked_ones_train_the_action_free_model_alone():
    stack, (embed, action, is_first) = make(), clip()
    losses, metrics = stack.losses(stack.observe(embed, action, is_first))
    assert set(losses) == {"kl", "af_kl"}
    assert {"kl_value", "af_kl_value", "af_prior_entropy"} <= set(metrics)
    losses["af_kl"].backward()
    assert stack.action_free.obs_dist.weight.grad.abs().sum() > 0
    assert all(p.grad is None for p in stack.conditional.parameters())


def test_the_lower_model_is_built_for_no_actions():
    stack = make(action_free={"use": "dreamerv2.rssm", **SMALL})
    assert stack.action_free.action_dim == 0


def test_missing_actions_are_missed_above():
    embed, _, is_first = clip()
    with pytest.raises(UsageError, match="needs actions"):
        make().observe(embed, None, is_first)
