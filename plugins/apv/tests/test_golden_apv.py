"""APV's video predictor and agent against what the reference implementation computed."""

from __future__ import annotations

import pytest
import torch

from support.golden import GoldenCase, cases
from support.recorded import (
    SAMPLINGS,
    acting_steps,
    build_recorded,
    check_gradients,
    check_latents,
    check_likelihoods,
    check_losses,
    check_video,
    pass_gradients,
    recorded_batch,
    recorded_state,
    variants_of,
)
from wmframe.models.predict import open_loop
from wmframe.types import Observed
from wmframe_apv.reference import AGENT, PREDICTOR, agent_settings, predictor_settings
from wmframe_apv.rssm_stack import StackedState

PREDICTORS = cases("case15_apv_pretrain")
AGENTS = cases("case15_apv_finetune")
MODELS = [*PREDICTORS, *AGENTS]


def load(case, changes=None):
    """The learner of a case and its table of names; ``changes`` are in the reference's terms."""
    config = case.meta["config"] | (changes or {})
    if case.name in PREDICTORS:
        return build_recorded(case, "learner", predictor_settings(config), PREDICTOR), PREDICTOR
    return build_recorded(case, "agent", agent_settings(config), AGENT), AGENT


def carried(case):
    """The state before the clips; the reference begins both models with the same one."""
    state = recorded_state(case)
    return None if state is None else StackedState(state, state)


def observe(case, world_model, loss):
    data = loss.replayed.data
    args = loss.replayed.embed, data["action"], data["is_first"], carried(case)
    return world_model.dynamics.observe(*args)


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("model", MODELS)
def test_golden_gradients_of_each_term(model, sampling):
    case = GoldenCase(model)
    learner, names = load(case)
    pass_gradients(learner, sampling)
    loss = learner.world_model.loss(recorded_batch(), carried(case))
    check_gradients(case, learner, loss, sampling, names)


@pytest.mark.parametrize("model", MODELS)
def test_golden_losses_and_buffers(model):
    case = GoldenCase(model)
    learner, names = load(case)
    check_losses(case, learner, learner.world_model.loss(recorded_batch(), carried(case)), names)


@pytest.mark.parametrize("model", MODELS)
def test_golden_states_and_likelihoods(model):
    case = GoldenCase(model)
    world_model = load(case)[0].world_model
    loss = world_model.loss(recorded_batch(), carried(case))
    observed, dynamics = observe(case, world_model, loss), world_model.dynamics
    if model in AGENTS:
        observed = Observed(*(state.conditional for state in observed))
        dynamics = dynamics.conditional
    check_latents(case, dynamics, observed)
    image = world_model.decoder(loss.replayed.feat)["image"]
    case.compare("out/like.image", image.log_prob(loss.replayed.data["image"]))
    check_likelihoods(case, world_model, loss)


@pytest.mark.parametrize("name", variants_of("case20", MODELS))
def test_golden_policy(name):
    case = GoldenCase("case20")
    agent, _ = load(GoldenCase(case.variant(name)["params_from"]), {"eval_state_mean": True})
    rows = case[f"{name}/out/action0"].shape[0]
    for step, (action, latent) in enumerate(acting_steps(agent, rows)):
        case.compare(f"{name}/out/action{step}", action)
        for mark, state in (("", latent.conditional), ("af_", latent.action_free)):
            case.compare(f"{name}/out/{mark}deter{step}", state.deter)
            case.compare(f"{name}/out/{mark}logit{step}", state.stats[0])


@pytest.mark.parametrize("name", variants_of("case21", MODELS))
def test_golden_video_prediction(name):
    case = GoldenCase("case21")
    learner, _ = load(GoldenCase(case.variant(name)["params_from"]))
    check_video(case, name, open_loop(learner.world_model, recorded_batch(), observed_steps=5))


@pytest.mark.parametrize("model", AGENTS)
def test_golden_predictor_becomes_the_agents_visual_half(model):
    case = GoldenCase("case15_apv_pretrain")
    predictor, _ = load(case)
    agent, _ = load(GoldenCase(model))
    report = agent.initialize(predictor.state_dict())
    assert report.complete
    pairs = [
        (predictor.world_model.encoder, agent.world_model.encoder),
        (predictor.world_model.dynamics, agent.world_model.dynamics.action_free),
        (predictor.world_model.decoder, agent.world_model.decoder),
    ]
    for ours, theirs in pairs:
        for name, tensor in ours.state_dict().items():
            assert torch.equal(tensor, theirs.state_dict()[name])
