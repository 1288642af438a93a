"""ContextWM's video predictor and agent against what the reference implementation computed."""

from __future__ import annotations

import pytest

from support.golden import FixedNoise, GoldenCase, cases
from support.recorded import (
    SAMPLINGS,
    UNSAVED,
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
from support.recorded_behavior import (
    check_actor_critic,
    check_imagination,
    imagine_recorded,
)
from wmframe.models.predict import open_loop
from wmframe.types import Observed
from wmframe_apv.rssm_stack import StackedState
from wmframe_contextwm.reference import AGENT, PREDICTOR, agent_settings, predictor_settings

PREDICTORS = cases("case15_contextwm_pretrain")
AGENTS = cases("case15_contextwm_finetune")
MODELS = [*PREDICTORS, *AGENTS]
CALLS = {f"world_model.decoder.stages.{i}.0.attention.mask.calls" for i in range(2)}


def load(name, changes=None, noise=None):
    """The learner of a case and its table of names.

    Args:
        name: of the case.
        changes: in the reference's terms.
        noise: what everything draws from.
    """
    case = GoldenCase(name)
    config = case.meta["config"] | (changes or {})
    predictor = name in PREDICTORS
    settings = predictor_settings(config) if predictor else agent_settings(config)
    settings["decoder"]["dropout"] = 0.0
    kind, names = ("learner", PREDICTOR) if predictor else ("agent", AGENT)
    noise = noise or FixedNoise()
    learner = build_recorded(case, kind, settings, names, noise=noise, unsaved=UNSAVED | CALLS)
    share_noise(learner, noise)
    return learner, names


def share_noise(learner, noise):
    """Let networks that have their own noise draw from this one."""
    for module in learner.modules():
        if hasattr(module, "noise"):
            module.noise = noise


def draws(case, prefix="in/"):
    """What choosing the context and masking it draw for the recorded batch, in their order."""
    index = case[f"{prefix}context_index"]
    steps = recorded_batch()["image"].shape[1]
    return FixedNoise([(index + 0.5) / steps, *case.tensors(f"{prefix}mask_rand").values()])


def carried(case):
    """The state before the clips; the reference begins both models with the same one."""
    state = recorded_state(case)
    return None if state is None else StackedState(state, state)


def run(name):
    """The learner of a case, its table of names, and its losses on the recorded batch."""
    case = GoldenCase(name)
    learner, names = load(name, noise=draws(case))
    return case, learner, names, learner.world_model.loss(recorded_batch(), carried(case))


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("model", MODELS)
def test_golden_gradients_of_each_term(model, sampling):
    case = GoldenCase(model)
    learner, names = load(model, noise=draws(case))
    pass_gradients(learner, sampling)
    loss = learner.world_model.loss(recorded_batch(), carried(case))
    check_gradients(case, learner, loss, sampling, names)


@pytest.mark.parametrize("model", MODELS)
def test_golden_losses_and_buffers(model):
    case, learner, names, loss = run(model)
    check_losses(case, learner, loss, names)


@pytest.mark.parametrize("model", MODELS)
def test_golden_states_and_likelihoods(model):
    case, learner, _, loss = run(model)
    world_model, data = learner.world_model, loss.replayed.data
    dynamics = world_model.dynamics
    args = loss.replayed.embed, data["action"], data["is_first"], carried(case)
    observed = dynamics.observe(*args)
    if model in AGENTS:
        observed = Observed(*(state.conditional for state in observed))
        dynamics = dynamics.conditional
    check_latents(case, dynamics, observed)
    share_noise(world_model, draws(case))
    context = world_model.encoder(data).context
    image = world_model.decoder(loss.replayed.feat, context)["image"]
    case.compare("out/like.image", image.log_prob(data["image"]))
    check_likelihoods(case, world_model, loss)


def load_for_behavior(name, changes, noise):
    return load(name, changes, noise)[0]


def imagine(name, **options):
    def start(state):
        return StackedState(None, state)

    return imagine_recorded(name, load_for_behavior, start=start, **options)


@pytest.mark.parametrize("name", variants_of("case16", MODELS))
def test_golden_imagination(name):
    check_imagination(imagine(name), lambda state: state.conditional)


@pytest.mark.parametrize("aliasing", [False, True])
@pytest.mark.parametrize("name", variants_of("case16", MODELS))
def test_golden_actor_and_critic(name, aliasing):
    check_actor_critic(imagine(name, aliasing=aliasing), aliasing=aliasing)


@pytest.mark.parametrize("name", variants_of("case20", MODELS))
def test_golden_policy(name):
    case = GoldenCase("case20")
    agent, _ = load(case.variant(name)["params_from"], {"eval_state_mean": True})
    rows = case[f"{name}/out/action0"].shape[0]
    for step, (action, latent) in enumerate(acting_steps(agent, rows)):
        case.compare(f"{name}/out/action{step}", action)
        for mark, state in (("", latent.conditional), ("af_", latent.action_free)):
            case.compare(f"{name}/out/{mark}deter{step}", state.deter)
            case.compare(f"{name}/out/{mark}logit{step}", state.stats[0])


@pytest.mark.parametrize("name", variants_of("case21", MODELS))
def test_golden_video_prediction(name):
    case = GoldenCase("case21")
    world_model = load(case.variant(name)["params_from"])[0].world_model
    noise = draws(case, f"{name}/in/")
    # the reference takes its context from the whole clip, also from what is to be predicted
    share_noise(world_model, noise)
    encoder = world_model.eval().encoder
    index = noise.uniforms[0]
    context = encoder.context(
        encoder.context_frame(world_model.preprocess(recorded_batch())["image"])
    )
    noise.uniforms.insert(0, index)  # for the choice whose outcome is not looked at
    check_video(case, name, open_loop(world_model, recorded_batch(), 5, context))
