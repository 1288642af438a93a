"""What the RSSM promises beyond its numbers."""

from __future__ import annotations

import attrs
import pytest
import torch
from torch import nn

from support.golden import FixedNoise
from wmframe.errors import UsageError
from wmframe.nn.noise import Noise
from wmframe_dreamerv2.config_nets import RSSMConfig
from wmframe_dreamerv2.rssm import RSSM, RSSMState

SMALL = RSSMConfig(hidden=8, deter=10, stoch=3, discrete=4)
B, T, E, A = 2, 5, 6, 3


def make(noise=None, **changes):
    torch.manual_seed(0)
    config = attrs.evolve(SMALL, **changes)
    return RSSM(config, embed_dim=E, action_dim=A, noise=noise or Noise())


def clip():
    is_first = torch.zeros(B, T)
    is_first[:, 0] = is_first[1, 3] = 1
    return torch.randn(B, T, E), torch.randn(B, T, A), is_first


@pytest.mark.parametrize("discrete", [4, 0])
def test_steps_give_what_a_scan_gives(discrete):
    rssm = make(FixedNoise(), discrete=discrete)
    embed, action, is_first = clip()
    scan = rssm.observe(embed, action, is_first).posterior
    state = rssm.initial(B)
    for t in range(T):
        state = rssm.observe_step(state, embed[:, t], action[:, t], is_first[:, t])
        assert torch.allclose(rssm.features(state), rssm.features(scan)[:, t], atol=1e-5)


def test_what_came_before_an_episode_is_forgotten():
    rssm = make(FixedNoise())
    embed, action, is_first = clip()
    before = rssm.features(rssm.observe(embed, action, is_first).posterior)
    embed[:, :3] += 1
    action[:, :4] += 1  # the action beside a first observation belongs to the last episode
    after = rssm.features(rssm.observe(embed, action, is_first).posterior)
    assert torch.equal(before[1, 3:], after[1, 3:])
    assert not torch.equal(before[0, 3:], after[0, 3:])


def test_a_clip_goes_on_from_a_given_state():
    rssm = make(FixedNoise())
    embed, action, is_first = clip()
    whole = rssm.features(rssm.observe(embed, action, is_first).posterior)
    first = rssm.observe(embed[:, :2], action[:, :2], is_first[:, :2]).posterior
    middle = RSSMState(tuple(x[:, -1] for x in first.stats), first.stoch[:, -1], first.deter[:, -1])
    rest = rssm.observe(embed[:, 2:], action[:, 2:], is_first[:, 2:], middle).posterior
    assert torch.allclose(rssm.features(rest), whole[:, 2:], atol=1e-6)


def test_an_action_free_model_ignores_actions_and_needs_none():
    rssm = make(FixedNoise(), action_free=True, fill_action=5)
    embed, action, is_first = clip()
    without = rssm.observe(embed, None, is_first).posterior
    ignored = rssm.observe(embed, action, is_first).posterior
    assert torch.equal(rssm.features(without), rssm.features(ignored))
    assert rssm.img_in.in_features == 3 * 4 + 5
    assert rssm.imagine_step(rssm.initial(B), None).deter.shape == (B, 10)


def test_filled_columns_get_no_gradient():
    rssm = make(fill_action=7)
    observed = rssm.observe(*clip())
    rssm.features(observed.posterior).sum().backward()
    grad = rssm.img_in.weight.grad
    assert grad[:, 12 : 12 + A].abs().sum() > 0
    assert grad[:, 12 + A :].abs().sum() == 0


def test_an_action_wider_than_the_fill_is_refused():
    with pytest.raises(UsageError, match="fill_action"):
        make(fill_action=A - 1)


def test_an_action_is_missed():
    rssm = make()
    embed, _, is_first = clip()
    with pytest.raises(UsageError, match="action_free"):
        rssm.observe(embed, None, is_first)


def test_each_step_of_an_ensemble_asks_one_member():
    uniforms = torch.tensor([0.1, 0.5, 0.9, 0.5, 0.1])
    rssm = make(FixedNoise([uniforms]), ensemble=3)
    observed = rssm.observe(*clip())
    for t, member in enumerate([0, 1, 2, 1, 0]):
        deter = observed.posterior.deter[:, t]
        hidden = nn.functional.elu(rssm.img_out[member](deter))
        raw = rssm.img_dist[member](hidden)
        assert torch.allclose(observed.prior.stats[0][:, t].flatten(1), raw, atol=1e-6)


def test_the_prior_of_a_clip_is_not_sampled():
    rssm = make()
    observed = rssm.observe(*clip())
    assert observed.prior.stoch is None
    with pytest.raises(UsageError, match="imagine_step"):
        rssm.features(observed.prior)


def test_losses_train_prior_and_posterior_and_metrics_carry_no_gradient():
    rssm = make()
    losses, metrics = rssm.losses(rssm.observe(*clip()))
    losses["kl"].backward()
    assert rssm.img_dist[0].weight.grad.abs().sum() > 0
    assert rssm.obs_dist.weight.grad.abs().sum() > 0
    assert {name: x.requires_grad for name, x in metrics.items()} == dict.fromkeys(metrics, False)


def test_dense_layers_start_xavier_uniform_with_zero_bias_and_the_cell_as_torch_does():
    rssm = make()
    limit = (6 / (rssm.img_in.in_features + 8)) ** 0.5
    assert rssm.img_in.weight.abs().max() <= limit
    assert not rssm.img_in.bias.any()
    assert rssm.cell.linear.bias.any()
