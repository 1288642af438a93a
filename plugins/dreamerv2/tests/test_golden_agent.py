"""The whole agent against what the reference implementation computed."""

from __future__ import annotations

import attrs
import pytest
import torch
from torch import Tensor, nn

from wmframe.nn.kl import balanced_kl
from wmframe.recipe.structure import structure_part
from wmframe.testing.golden import FixedNoise, GoldenCase, cases, folder, gradients, variants
from wmframe.types import ActionSpec, TensorSpec
from wmframe_dreamerv2.agent import DreamerV2
from wmframe_dreamerv2.bonus import IntrinsicBonus
from wmframe_dreamerv2.config import BonusConfig, NormConfig, RewardConfig
from wmframe_dreamerv2.predict import open_loop
from wmframe_dreamerv2.preprocess import Preprocess
from wmframe_dreamerv2.reference import HEAD
from wmframe_dreamerv2.reference_agent import AGENT
from wmframe_dreamerv2.reference_settings import agent_settings
from wmframe_dreamerv2.rssm import RSSMState
from wmframe_dreamerv2.slow_target import SlowTarget

MODELS = cases("case15_dreamerv2")
OWN = {"world_model.bonus.filled", "task.target.updates", "decisions"}


def of_dreamerv2(case: str) -> list[str]:
    """Variants of a case whose parameters are those of a DreamerV2 agent."""
    found = GoldenCase(case).variants.items() if cases(case) else ()
    return [name for name, v in found if v.get("params_from", "").startswith("case15_dreamerv2")]


def load_agent(case: GoldenCase, changes: dict | None = None, noise=None) -> DreamerV2:
    """The case's agent in float64; ``changes`` are in the reference's terms."""
    batch = GoldenCase("case15_batch")
    channels, *size = batch["in/image"].shape[2:]
    params = {k: v for k, v in case.tensors("param/").items() if not k.startswith("_expl")}
    agent = structure_part("agent", agent_settings(case.meta["config"] | (changes or {}))).build(
        obs={"image": TensorSpec((*size, channels), "uint8")},
        action=ActionSpec(batch["in/action"].shape[-1], discrete=False),
        noise=noise or FixedNoise(),
    )
    load_params(agent.double(), params)
    if case.meta["queue_fill_before"]:
        agent.world_model.bonus.filled.fill_(case.meta["queue_fill_before"])
    return agent


def load_params(agent: DreamerV2, params: dict[str, Tensor]) -> None:
    names = AGENT.to_ours(params)
    assert set(names) == set(params)
    state = {names[name]: tensor for name, tensor in params.items()}
    missing, unexpected = agent.load_state_dict(state, strict=False)
    assert set(missing) <= OWN
    assert not unexpected


def read_batch() -> dict[str, Tensor]:
    batch = GoldenCase("case15_batch").tensors("in/")
    return batch | {"image": batch["image"].movedim(2, -1)}


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


@pytest.mark.parametrize("name", variants("case14"))
def test_golden_intrinsic_bonus(name):
    case = GoldenCase("case14")
    variant = case.variant(name)
    projection = case["in/projection"]
    bonus = IntrinsicBonus(
        BonusConfig(
            scale=variant["beta"],
            relative=variant["beta_type"] == "rel",
            neighbors=variant["k"],
            window=variant["S"],
            queue_size=variant["queue_size"],
            queue_dim=projection.shape[1],
            norm=NormConfig(momentum=0.99),
        ),
        projection.shape[0],
    ).double()
    bonus.projection.copy_(projection)
    for i, metrics in enumerate(variant["metrics"]):
        reward, _ = bonus(case[f"in/feat{i}"], case[f"in/reward{i}"])
        case.compare(f"{name}/out/reward{i}", reward)
        case.compare(f"{name}/out/queue{i}", bonus.queue)
        case.compare(f"{name}/out/mag{i}", bonus.norm.mag)
        if variant["beta_type"] == "rel":
            case.compare(f"{name}/out/plain_mag{i}", bonus.reward_norm.mag)
        assert int(bonus.filled) == metrics["queue_fill"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("sampling", ["nost", "st"])
def test_golden_world_model_gradients_of_each_term(model, sampling):
    case = GoldenCase(model)
    agent = load_agent(case)
    agent.world_model.dynamics.latent.straight_through = sampling == "st"
    loss = agent.world_model.loss(read_batch())
    for term, value in {"total": loss.total, **loss.terms}.items():
        grads = gradients(agent, value, AGENT, case.meta["grad_names"])
        case.compare_gradients(f"{sampling}/", case.meta["grad_names"], grads, f".{term}")


@pytest.mark.parametrize("model", MODELS)
def test_golden_world_model_losses_and_buffers(model):
    case = GoldenCase(model)
    agent = load_agent(case)
    loss = agent.world_model.loss(read_batch())
    assert list(loss.terms) == case.meta["loss_terms"]
    case.compare("out/total", loss.total)
    case.compare_all("out/loss.", loss.terms)
    case.compare("out/embed", loss.replayed.embed)
    state = agent.state_dict()
    names = AGENT.to_ours(case.tensors("after/"))
    case.compare_all("after/", {theirs: state[ours] for theirs, ours in names.items()})
    assert len(names) == len(case.tensors("after/"))
    if case.meta["queue_fill_before"]:
        assert int(agent.world_model.bonus.filled) == case.meta["queue_fill_after"]


@pytest.mark.parametrize("model", MODELS)
def test_golden_world_model_states_and_likelihoods(model):
    case = GoldenCase(model)
    world_model = load_agent(case).world_model
    data = world_model.loss(read_batch()).replayed.data
    embed = world_model.encoder(data).embed
    dynamics = world_model.dynamics
    post, prior = dynamics.observe(embed, data["action"], data["is_first"])
    for name, state in (("post", post), ("prior", prior)):
        stoch = dynamics.latent.mode(state.stats)
        actual = {"logit": state.stats[0], "stoch": stoch, "deter": state.deter}
        case.compare_all(f"out/{name}.", actual)
    kl = attrs.asdict(dynamics.kl)
    case.compare("out/kl_value", balanced_kl(post.stats, prior.stats, dynamics.latent, **kl)[1])
    feat = dynamics.features(post)
    case.compare("out/like.image", world_model.decoder(feat)["image"].log_prob(data["image"]))
    for name, predictor in world_model.heads.items():
        target = data[predictor.target]
        likelihood = predictor.head(feat[:, : target.shape[1]]).log_prob(target)
        case.compare(f"out/like.{name}", likelihood)


def judge(case: GoldenCase, name: str, *, aliasing: bool):
    """The actor-critic of a variant of case 16, and the states that it imagined and judged."""
    variant = case.variant(name)
    settings = ("actor_ent", "actor_grad", "actor_grad_mix", "imag_horizon", "discount_lambda")
    changes = {key: variant[key] for key in settings}
    noise = FixedNoise(case[f"{name}/in/uniform"] if variant["actions"] == "uniform" else ())
    agent = load_agent(GoldenCase(variant["params_from"]), changes, noise)
    task, world_model = agent.task, agent.world_model
    task.config = attrs.evolve(task.config, entropy_in_target=aliasing)
    world_model.dynamics.latent.straight_through = variant["st"]
    if variant["actions"] == "mode":
        task.choose = lambda policy: policy.mode()
    start = {k: x.flatten(0, 1) for k, x in case.tensors(f"{name}/in/start.").items()}
    state = RSSMState((start["logit"],), start["stoch"], start["deter"])
    terminal = case[f"{name}/in/is_terminal"].flatten()
    return task, task.judge(world_model, state, terminal, lambda i: world_model.reward(i.feat))


@pytest.mark.parametrize("name", of_dreamerv2("case16"))
def test_golden_imagination(name):
    case = GoldenCase("case16")
    _, judged = judge(case, name, aliasing=False)
    states = judged.imagined.states
    sequence = {
        "logit": torch.stack([state.stats[0] for state in states]),
        "stoch": torch.stack([state.stoch for state in states]),
        "deter": torch.stack([state.deter for state in states]),
        "action": judged.imagined.action,
        "reward": judged.reward,
        "discount": judged.discount,
        "weight": judged.weight,
    }
    case.compare_all(f"{name}/out/seq.", sequence)
    case.compare(f"{name}/out/target", judged.target)


@pytest.mark.parametrize("aliasing", [False, True])
@pytest.mark.parametrize("name", of_dreamerv2("case16"))
def test_golden_actor_and_critic(name, aliasing):
    case = GoldenCase("case16")
    names = case.meta["variants"]["grad_names"]
    task, judged = judge(case, name, aliasing=aliasing)
    losses = task.losses(judged)
    case.compare(f"{name}/out/actor_loss", losses.actor)
    grads = gradients(task.actor, losses.actor, HEAD, names["actor"])
    case.compare_gradients(f"{name}/actor/", names["actor"], grads)
    suffix = "" if aliasing else "_without_aliasing"
    case.compare(f"{name}/out/critic_loss{suffix}", losses.critic)
    case.compare(f"{name}/out/target{'_after_actor_loss' if aliasing else ''}", losses.target)
    grads = gradients(task.critic, losses.critic, HEAD, names["critic"])
    case.compare_gradients(f"{name}/critic{suffix}/", names["critic"], grads)


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


@pytest.mark.parametrize("name", of_dreamerv2("case20"))
def test_golden_policy(name):
    case = GoldenCase("case20")
    agent = load_agent(GoldenCase(case.variant(name)["params_from"]), {"eval_state_mean": True})
    image = read_batch()["image"]
    rows = case[f"{name}/out/action0"].shape[0]
    state = agent.initial_state(rows)
    for step, is_first in enumerate([[1, 1], [0, 0], [0, 1]]):
        obs = {"image": image[:rows, step], "is_first": torch.tensor(is_first)[:rows].double()}
        action, state = agent.act(obs, state, "eval")
        case.compare(f"{name}/out/action{step}", action)
        case.compare(f"{name}/out/deter{step}", state.latent.deter)
        case.compare(f"{name}/out/logit{step}", state.latent.stats[0])


@pytest.mark.parametrize("name", of_dreamerv2("case21"))
def test_golden_video_prediction(name):
    case = GoldenCase("case21")
    agent = load_agent(GoldenCase(case.variant(name)["params_from"]))
    clips = open_loop(agent.world_model, read_batch(), observed_steps=5)
    truth, model = clips["truth"] + 0.5, clips["model"] + 0.5
    video = torch.cat([truth, model, (model - truth + 1) / 2], 3).permute(1, 3, 0, 4, 2)
    assert list(video.flatten(2, 3).shape) == case.variant(name)["full_shape"]
    case.compare(f"{name}/out/video_strided5", video.flatten(2, 3)[:, ::5, ::5])


def test_golden_checkpoint_gives_the_recorded_parameters():
    path = folder() / "checkpoints" / "dreamerv2" / "variables.pt"
    if not path.exists() or "case15_dreamerv2_resnet" not in MODELS:
        pytest.skip(f"no {path}")
    case = GoldenCase("case15_dreamerv2_resnet")
    agent, fresh = load_agent(case), load_agent(case)
    nn.init.zeros_(next(fresh.world_model.decoder.parameters()))
    saved = torch.load(path, weights_only=True)
    load_params(fresh, {k: v for k, v in saved.items() if not k.startswith("_expl_behavior.")})
    assert all(torch.equal(a, b) for a, b in zip(*map(tensors, (agent, fresh)), strict=True))
    back = AGENT.to_reference(fresh.state_dict())
    assert {name for name in saved if not name.startswith("_expl_")} == set(back.values())


def tensors(agent: DreamerV2) -> list[Tensor]:
    return list(agent.state_dict().values())
