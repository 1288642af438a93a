"""The whole agent against what the reference implementation computed."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from support.golden import GoldenCase, cases, folder, variants
from support.recorded import (
    SAMPLINGS,
    acting_steps,
    build_recorded,
    check_gradients,
    check_latents,
    check_likelihoods,
    check_losses,
    check_video,
    load_recorded,
    pass_gradients,
    recorded_batch,
    variants_of,
)
from support.recorded_behavior import (
    check_actor_critic,
    check_imagination,
    imagine_recorded,
)
from wmframe.models.agent import ModelAgent
from wmframe.models.config import RewardConfig
from wmframe.models.predict import open_loop
from wmframe.models.preprocess import Preprocess
from wmframe.models.slow_target import SlowTarget
from wmframe_dreamerv2.reference.agent import AGENT
from wmframe_dreamerv2.reference.settings import agent_settings

MODELS = cases("case15_dreamerv2")


def load_agent(case: GoldenCase, changes: dict | None = None, noise=None) -> ModelAgent:
    """The case's agent in float64; ``changes`` are in the reference's terms."""
    settings = agent_settings(case.meta["config"] | (changes or {}))
    return build_recorded(case, "agent", settings, AGENT, noise=noise)


@pytest.mark.parametrize("name", variants("case18"))
def test_golden_preprocess(name):
    case = GoldenCase("case18")
    raw = case.tensors("in/")
    raw["image"] = raw["image"].movedim(2, -1)
    reward = raw["reward"].clone()
    words = {"identity", "sign", "tanh"}
    rewards = RewardConfig(transform=name) if name in words else RewardConfig(float(name))
    data = Preprocess(rewards, case.variant(name)["discount"])(raw, torch.float64)
    case.compare("out/image", data["image"])
    case.compare(f"{name}/out/reward", data["reward"])
    case.compare(f"{name}/out/discount", data["discount"])
    assert torch.equal(raw["reward"], reward)  # the reference divides the caller's in place


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_golden_world_model_gradients_of_each_term(model, sampling):
    case = GoldenCase(model)
    agent = load_agent(case)
    pass_gradients(agent, sampling)
    check_gradients(case, agent, agent.world_model.loss(recorded_batch()), sampling, AGENT)


@pytest.mark.parametrize("model", MODELS)
def test_golden_world_model_losses_and_buffers(model):
    case = GoldenCase(model)
    agent = load_agent(case)
    check_losses(case, agent, agent.world_model.loss(recorded_batch()), AGENT)


@pytest.mark.parametrize("model", MODELS)
def test_golden_world_model_states_and_likelihoods(model):
    case = GoldenCase(model)
    world_model = load_agent(case).world_model
    loss = world_model.loss(recorded_batch())
    embed, data = loss.replayed.embed, loss.replayed.data
    observed = world_model.dynamics.observe(embed, data["action"], data["is_first"])
    check_latents(case, world_model.dynamics, observed)
    image = world_model.decoder(loss.replayed.feat)["image"]
    case.compare("out/like.image", image.log_prob(data["image"]))
    check_likelihoods(case, world_model, loss)


def load_for_behavior(name, changes, noise):
    return load_agent(GoldenCase(name), changes, noise)


@pytest.mark.parametrize("name", variants_of("case16", MODELS))
def test_golden_imagination(name):
    check_imagination(imagine_recorded(name, load_for_behavior))


@pytest.mark.parametrize("aliasing", [False, True])
@pytest.mark.parametrize("name", variants_of("case16", MODELS))
def test_golden_actor_and_critic(name, aliasing):
    recorded = imagine_recorded(name, load_for_behavior, aliasing=aliasing)
    check_actor_critic(recorded, aliasing=aliasing)


@pytest.mark.parametrize("name", ["slow_hard", "slow_polyak"])
def test_golden_slow_target(name):
    case = GoldenCase("case16")
    variant = case.variant(name)
    weight = case[f"{name}/in/critic.weight"]
    critic = nn.Linear(*reversed(weight.shape), bias=False).double()
    critic.weight.data = weight
    target = SlowTarget(critic, variant["slow_target_update"], variant["slow_target_fraction"])
    target.net.weight.data = case[f"{name}/in/target.weight"]
    target.updates.fill_(variant["updates_before"])
    for i, _ in enumerate(case.tensors(f"{name}/out/target.weight.")):
        critic.weight.data += 0.125
        target.follow(critic)
        case.compare(f"{name}/out/target.weight.{i}", target.net.weight)


@pytest.mark.parametrize("name", variants_of("case20", MODELS))
def test_golden_policy(name):
    case = GoldenCase("case20")
    agent = load_agent(GoldenCase(case.variant(name)["params_from"]), {"eval_state_mean": True})
    rows = case[f"{name}/out/action0"].shape[0]
    for step, (action, latent) in enumerate(acting_steps(agent, rows)):
        case.compare(f"{name}/out/action{step}", action)
        case.compare(f"{name}/out/deter{step}", latent.deter)
        case.compare(f"{name}/out/logit{step}", latent.stats[0])


@pytest.mark.parametrize("name", variants_of("case21", MODELS))
def test_golden_video_prediction(name):
    case = GoldenCase("case21")
    agent = load_agent(GoldenCase(case.variant(name)["params_from"]))
    check_video(case, name, open_loop(agent.world_model, recorded_batch(), observed_steps=5))


def test_golden_checkpoint_gives_the_recorded_parameters():
    path = folder() / "checkpoints" / "dreamerv2" / "variables.pt"
    if not path.exists() or "case15_dreamerv2_resnet" not in MODELS:
        pytest.skip(f"no {path}")
    case = GoldenCase("case15_dreamerv2_resnet")
    agent, fresh = load_agent(case), load_agent(case)
    nn.init.zeros_(next(fresh.world_model.decoder.parameters()))
    saved = torch.load(path, weights_only=True)
    load_recorded(fresh, saved, AGENT)
    assert all(torch.equal(a, b) for a, b in zip(*map(tensors, (agent, fresh)), strict=True))
    back = AGENT.to_reference(fresh.state_dict())
    assert {name for name in saved if not name.startswith("_expl_")} == set(back.values())


def tensors(agent: ModelAgent) -> list[Tensor]:
    return list(agent.state_dict().values())
