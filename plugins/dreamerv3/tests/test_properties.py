"""What the losses and the dynamics promise, and mistakes that other ports made."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from recorded_v3 import Modes
from torch.nn.functional import one_hot

from wmframe.nn.block_gru import BlockGRU
from wmframe.nn.blocks import BlockLinear
from wmframe.nn.distributions import OneHot, TwoHot
from wmframe.nn.percentiles import Percentiles
from wmframe.nn.rms_norm import RMSNorm
from wmframe.recipe.structure import structure_part
from wmframe.types import ActionSpec, Observed, TensorSpec
from wmframe_dreamerv3.losses import Dreamed, dreamed_losses

B, T, A, V = 2, 6, 3, 5
OBS = {"image": TensorSpec((16, 16, 3), "uint8"), "vec": TensorSpec((V,), "float32")}
ACTION = ActionSpec(size=A, discrete=False)
NET = {"units": 8, "depth": 2}
TINY = {
    "use": "dreamerv3.agent",
    "encoder": NET,
    "decoder": NET,
    "dynamics": {"deter": 16, "hidden": 8, "stoch": 4, "classes": 4},
    "heads": {"reward": {"units": 8}, "discount": {"units": 8}},
    "behavior": {"horizon": 3, "actor": {"units": 8}, "critic": {"units": 8}},
}


@pytest.fixture
def agent():
    torch.manual_seed(0)
    return structure_part("agent", TINY).build(obs=OBS, action=ACTION, noise=Modes())


@pytest.fixture
def batch():
    draw = torch.Generator().manual_seed(1)
    zeros = torch.zeros(B, T)
    first = zeros.clone()
    first[:, 0] = 1
    return {
        "image": torch.randint(0, 256, (B, T, 16, 16, 3), generator=draw, dtype=torch.uint8),
        "vec": torch.randn(B, T, V, generator=draw),
        "action": torch.rand(B, T, A, generator=draw) * 2 - 1,
        "reward": torch.randn(B, T, generator=draw),
        "is_first": first,
        "is_last": zeros,
        "is_terminal": zeros.clone(),
    }


def trained_heads(agent):
    """Last layers begin at 0 and would hide gradients."""
    for head in (agent.world_model.heads["reward"].head, agent.task.critic):
        torch.nn.init.normal_(head.output.linear.weight)
    agent.task.slow.net.load_state_dict(agent.task.critic.state_dict())
    return agent


def deter_of(agent, batch):
    return agent.world_model.observe(batch)[0].state.deter.detach()


def test_no_gradient_where_the_kl_is_below_the_free_nats(agent):
    dynamics = agent.world_model.dynamics
    raw = torch.zeros(1, 1, 16, requires_grad=True)
    near = (raw + torch.linspace(0, 0.01, 16)).requires_grad_()
    states = [agent.world_model.dynamics.initial(1) for _ in range(2)]
    post, prior = (
        state._replace(logp=dynamics.latent.stats(x)[0])
        for state, x in zip(states, (raw, near), strict=True)
    )
    terms, _ = dynamics.losses(Observed(post, prior))
    assert terms["dyn"].item() == terms["rep"].item() == 1
    (grad,) = torch.autograd.grad(terms["dyn"] + terms["rep"], raw)
    assert grad.abs().max() == 0


@pytest.mark.parametrize(
    ("name", "reaches"),
    [
        ("policy", False),
        ("value", False),
        ("replay_value", True),
        ("reward", True),
        ("discount", True),
    ],
)
def test_which_losses_reach_the_model(agent, batch, name, reaches):
    trained_heads(agent)
    replayed, _ = agent.world_model.observe(batch)
    loss = agent._joined(replayed).terms[name]
    model = agent.world_model
    found = sum(gradients_of(loss, part) for part in (model.encoder, model.dynamics))
    assert (found > 0) is reaches


def gradients_of(loss, module):
    found = torch.autograd.grad(
        loss, list(module.parameters()), allow_unused=True, retain_graph=True
    )
    return sum(0.0 if grad is None else grad.abs().sum().item() for grad in found)


def test_an_episode_that_begins_forgets_states_and_the_action_before(agent, batch):
    batch["is_first"][0, 3] = 1
    before = deter_of(agent, batch)
    other = {name: value.clone() for name, value in batch.items()}
    other["vec"][0, :3] += 1
    other["action"][0, :4] *= -1
    after = deter_of(agent, other)
    assert torch.equal(before[0, 3:], after[0, 3:])
    assert not torch.equal(before[0, :3], after[0, :3])


def test_rows_before_the_beginning_of_an_episode_are_not_touched_by_it(agent, batch):
    before = deter_of(agent, batch)
    batch["is_first"][0, 3] = 1
    after = deter_of(agent, batch)
    assert torch.equal(before[0, :3], after[0, :3])
    assert not torch.equal(before[0, 3], after[0, 3])


def test_the_action_of_a_row_is_the_one_that_led_to_it(agent, batch):
    before = deter_of(agent, batch)
    batch["action"][0, 3] *= -1
    after = deter_of(agent, batch)
    assert torch.equal(before[0, :3], after[0, :3])
    assert not torch.equal(before[0, 3], after[0, 3])


def test_actions_beyond_one_are_those_at_the_bound():
    core = BlockGRU(16, 4, A, 8, 8)
    state = torch.randn(1, 16), torch.randn(1, 4)
    near, far = torch.tensor([[1.0, -1.0, 0.5]]), torch.tensor([[7.0, -3.0, 0.5]])
    assert torch.equal(core(*state, near), core(*state, far))


def test_a_block_sees_of_the_state_itself_and_what_all_share():
    core = BlockGRU(16, 4, A, 8, 8)
    shared = torch.randn(1, 24)
    h = torch.randn(1, 16, requires_grad=True)
    hidden = core._hidden(core._split(h), shared)
    (grad,) = torch.autograd.grad(hidden[0, 2:4].sum(), h)
    assert grad[0, 2:4].abs().min() > 0
    assert grad[0, :2].abs().max() == grad[0, 4:].abs().max() == 0


def test_the_first_update_moves_no_parameter(agent, batch):
    before = copy.deepcopy(agent.state_dict())
    agent.update(batch)
    changed = {n for n, x in agent.state_dict().items() if not torch.equal(x, before[n])}
    assert changed <= {"task.scale.low", "task.scale.high", "task.slow.updates"}
    agent.update(batch)
    name = "world_model.dynamics.core.hidden.weight"
    assert not torch.equal(agent.state_dict()[name], before[name])


def test_the_slow_critic_goes_two_hundredths_of_the_way_after_the_step(agent, batch):
    agent.model_optimizers["model"].torch.param_groups[0]["warming"] = 0
    name = "output.linear.bias"
    before = agent.task.slow.net.state_dict()[name].clone()
    agent.update(batch)
    moved = agent.task.critic.state_dict()[name]
    assert not torch.equal(moved, before)
    wanted = torch.lerp(before, moved, 0.02)
    assert torch.allclose(agent.task.slow.net.state_dict()[name], wanted, atol=1e-9)


def test_before_training_numbers_are_0_and_their_loss_is_that_of_uniform_bins(agent, batch):
    replayed, _ = agent.world_model.observe(batch)
    assert (agent.world_model.reward(replayed.feat) == 0).all()
    assert (agent.task.critic(replayed.feat).mean() == 0).all()
    terms = agent._joined(replayed).terms
    assert terms["reward"].item() == pytest.approx(math.log(255), abs=1e-5)


def test_acting_sees_pixels_as_learning_does(agent, batch):
    batch["action"][:, 0] = 0
    state = agent.initial_state(B)
    for step in range(2):
        obs = {name: batch[name][:, step] for name in ("image", "vec", "is_first")}
        if step:
            state = state._replace(action=batch["action"][:, step])
        _, state = agent.act(obs, state)
    replayed, _ = agent.world_model.observe(batch)
    assert torch.allclose(state.latent.deter, replayed.state.deter[:, 1], atol=1e-6)
    assert torch.equal(state.latent.stoch, replayed.state.stoch[:, 1].detach().round())


def test_the_policy_sees_what_is_observed(agent, batch):
    obs = {name: batch[name][:, 0] for name in ("image", "vec", "is_first")}
    states = [
        agent.act({**obs, "vec": v}, agent.initial_state(B))[1] for v in (obs["vec"], -obs["vec"])
    ]
    assert not torch.equal(states[0].latent.logp, states[1].latent.logp)


def test_evaluation_samples_or_takes_the_mode(batch):
    def spread(**actor):
        table = {**TINY, "behavior": {**TINY["behavior"], "actor": {"units": 8, **actor}}}
        agent = structure_part("agent", table).build(obs=OBS, action=ACTION)
        feat = torch.zeros(64, 32)
        return agent.task.act(feat, "eval").std(0).max().item()

    assert spread() > 0.1
    assert spread(eval_sample=False) < 1e-6


@pytest.mark.parametrize(("share", "least"), [(0.01, 0.01 / A), (0.0, 0.0)])
def test_the_uniform_share_of_discrete_policies_is_a_setting(share, least):
    table = {**TINY, "behavior": {**TINY["behavior"], "actor": {"units": 8, "unimix": share}}}
    spec = ActionSpec(size=A, discrete=True, groups=(A,))
    agent = structure_part("agent", table).build(obs=OBS, action=spec)
    agent.task.actor.output.linear.bias.data[0] = 1000
    probs = agent.task.actor(torch.zeros(1, 32)).mean()
    assert probs.min().item() == pytest.approx(least, abs=1e-6)


def test_block_weights_are_as_small_as_the_whole_input_asks():
    torch.manual_seed(0)
    weight = BlockLinear(256, 512, 8).weight
    assert weight.std().item() == pytest.approx(1 / 16, rel=0.05)
    assert weight.abs().max() <= 2 * 1.1368 / 16 + 1e-6


def test_norms_have_a_gain_and_no_offset():
    norm = RMSNorm(4)
    assert [name for name, _ in norm.named_parameters()] == ["weight"]
    assert (norm(torch.zeros(1, 4)) == 0).all()


def dreamed(cont, value=0.0, reward=1.0, horizon=3):
    """Two actions of which the first was always taken; every reward is ``reward``."""
    rows = len(cont)
    logit = torch.zeros(horizon, 1, 2, dtype=torch.float64, requires_grad=True)
    peaked = torch.full((rows, 1, 255), -1e9, dtype=torch.float64)
    peaked[..., 127 if value == 0 else 131] = 0
    action = one_hot(torch.zeros(horizon, 1, dtype=torch.long), 2).double()
    full = torch.full((rows, 1), reward, dtype=torch.float64)
    numbers = torch.tensor(cont, dtype=torch.float64)[:, None]
    return logit, Dreamed(action, OneHot(logit), full, numbers, TwoHot(peaked), TwoHot(peaked))


def losses_of(record, rate=0.0):
    return dreamed_losses(record, Percentiles(rate).double(), lambda_=0.95, entropy=0.0, slow=1.0)


def test_the_first_rows_discount_weighs_the_losses():
    _, record = dreamed([0.0, 1.0, 1.0, 1.0])
    found = losses_of(record)
    assert found.policy.abs().max() == found.value.abs().max() == 0


def test_weights_are_products_of_discounts():
    weights = torch.tensor([1 - 1 / 333, 0.99, 0.5], dtype=torch.float64).cumprod(0)
    assert weights.tolist() == pytest.approx([0.996997, 0.987027, 0.493514], abs=1e-6)
    _, record = dreamed([1 - 1 / 333, 0.99, 0.5, 1.0])
    plain = losses_of(record._replace(cont=torch.ones_like(record.cont)))
    uniform = math.log(2) * (losses_of(record).returns[:, 0])  # advantages, as values are 0
    assert torch.allclose(losses_of(record).policy[:, 0], weights * uniform)
    assert plain.policy[0, 0] > losses_of(record).policy[0, 0]


def test_actions_that_did_better_than_expected_become_likelier():
    logit, record = dreamed([1.0] * 4)
    (grad,) = torch.autograd.grad(losses_of(record).policy.sum(), logit)
    assert (grad[..., 0] < 0).all() and (grad[..., 1] > 0).all()


def test_the_value_is_subtracted_where_the_scale_is_at_rest():
    _, record = dreamed([1.0] * 4, value=1.0)
    found = losses_of(record)
    advantage = found.returns - record.value.mean()[:-1]
    assert torch.allclose(found.policy, math.log(2) * advantage)
    assert not torch.allclose(found.policy, math.log(2) * found.returns)


def test_a_reward_belongs_to_the_action_before_it():
    _, record = dreamed([1.0] * 4, reward=0.0)
    record.reward[1] = 1.0
    assert losses_of(record).returns[:, 0].tolist() == [1, 0, 0]
    record.reward[:2] = torch.tensor([[5.0], [0.0]])
    assert losses_of(record).returns.abs().max() == 0


def test_no_return_reaches_across_a_cut_inside_a_window(agent, batch):
    trained_heads(agent)
    batch["is_first"][:, 3] = 1  # without is_last before it: the piece was cut there

    def returns_of_first_rows(change):
        other = {name: value.clone() for name, value in batch.items()}
        other["reward"][:, 4] += change
        replayed, _ = agent.world_model.observe(other)
        boot = torch.zeros(T, B)
        feat = replayed.feat
        (grad,) = torch.autograd.grad(agent.task._replay_value(replayed, boot), feat)
        return grad[:, :3]

    assert torch.equal(returns_of_first_rows(0.0), returns_of_first_rows(100.0))
