"""A one-file plugin that brings a part of every kind, to see that nothing has to be patched."""

from __future__ import annotations

import attrs
import torch
from torch import nn

from wmframe.config import Part, named_parts, part, setting
from wmframe.interfaces import Encoder
from wmframe.models.behavior import Behavior
from wmframe.models.config import AgentConfig, WorldModelConfig
from wmframe.models.records import Losses
from wmframe.models.reward_shaping import RewardShaping, Shaped
from wmframe.nn.distributions import Mse
from wmframe.nn.latents import GaussianLatent
from wmframe.nn.mlp import MLP
from wmframe.nn.outputs import Output
from wmframe.plugin import Component, impl
from wmframe.training.config import OptimizerConfig
from wmframe.types import Encoded

HERE = __name__


class Rms(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * (x.square().mean(-1, keepdim=True) + 1e-4).rsqrt() * self.gain


def unit_normals():
    return GaussianLatent(6, "sigmoid", 0.5)


class Doubled(Output):
    """An output whose weights begin at zero."""

    def __init__(self, in_dim, shape, groups):
        super().__init__()
        self.linear = nn.Linear(in_dim, 1)
        nn.init.zeros_(self.linear.weight)

    def forward(self, hidden):
        return Mse(2 * self.linear(hidden)[..., 0], 0)


@attrs.frozen
class DescentConfig(OptimizerConfig):
    momentum: float = setting(0.5, help="momentum", minimum=0.0, maximum=1.0)


def descent(config, *, parameters):
    return torch.optim.SGD(parameters, config.lr, momentum=config.momentum)


class Halved(RewardShaping):
    """Reward shaping that leaves the last step of a clip without a reward."""

    def __init__(self, dynamics):
        super().__init__()

    def forward(self, replayed, dynamics):
        reward = replayed.data["reward"][:, :-1] / 2
        return Shaped(reward, reward.shape[1], {"halved": reward.mean()})


class Counting(Encoder):
    """An encoder of brightness, with a buffer that counts its calls in training."""

    def __init__(self, obs):
        super().__init__()
        self.embed_dim = 4
        self.linear = nn.Linear(1, 4)
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

    def forward(self, obs):
        if self.training:
            self.calls += 1
        return Encoded(self.linear(obs["image"].mean((-3, -2, -1)).unsqueeze(-1)))


class Bandit(Behavior):
    """A policy whose loss joins the model's, and a target that is updated through ``.data``."""

    def __init__(self, context):
        super().__init__()
        sizes = context.sizes["feat"], (8, context.action.size)
        self.policy, self.target = MLP(*sizes, "tanh", "none"), MLP(*sizes, "tanh", "none")
        self.policy.layers[0].norm = Rms(8)  # swapped in afterwards
        self.target.layers[0].norm = Rms(8)
        self.target.requires_grad_(False)

    def act(self, feat_NF, mode="train"):
        return self.target(feat_NF).clamp(-1, 1)

    def losses(self, world_model, replayed, reward=None):
        sought = world_model.reward(replayed.feat)
        policy = self.policy(replayed.feat)
        loss = (policy - replayed.data["action"]).square().mean() - 0.1 * sought.mean()
        return Losses({"policy": loss}, {"sought": sought.detach().mean()})

    def update(self, world_model, replayed, reward=None):
        pairs = zip(self.target.parameters(), self.policy.parameters(), strict=True)
        for slow, fast in pairs:
            slow.data.lerp_(fast.data, 0.5)
        return {}


RSSM = {"use": "dreamerv2.rssm", "hidden": 8, "deter": 8, "norm": "stranger.rms"}
DYNAMICS = {**RSSM, "act": "torch.nn.functional:mish", "latent": {"use": "stranger.latent"}}
STEPS = {"model": {"use": "stranger.descent", "lr": 1e-2}}


@attrs.frozen
class PredictorConfig(WorldModelConfig):
    encoder: Part = part("encoder", "stranger.encoder", help="sees")
    dynamics: Part = part("dynamics", {**DYNAMICS, "action_free": True}, help="remembers")
    decoder: Part | None = part(
        "decoder", {"use": "dreamerv2.cnn_decoder", "depth": 2}, optional=True, help="shows"
    )
    optimizers: dict[str, Part] = named_parts("optimizer", STEPS, help="step")


@attrs.frozen
class StrangerConfig(AgentConfig):
    encoder: Part = part("encoder", "stranger.encoder", help="sees")
    dynamics: Part = part("dynamics", DYNAMICS, help="remembers")
    optimizers: dict[str, Part] = named_parts("optimizer", STEPS, help="step")
    bonus: Part | None = part("reward_shaping", "stranger.halved", optional=True, help="halves")
    behavior: Part = part("behavior", "stranger.bandit", help="acts")


@impl
def wmframe_components():
    own = {"norm.rms": "Rms", "latent.latent": "unit_normals", "output.doubled": "Doubled"}
    own |= {"reward_shaping.halved": "Halved", "encoder.encoder": "Counting"}
    own |= {"behavior.bandit": "Bandit", "optimizer.descent": "descent:DescentConfig"}
    own |= {"agent.agent": "agent:StrangerConfig", "learner.videos": "learner:PredictorConfig"}
    core = {"agent": "wmframe.models.agent:ModelAgent"}
    core["learner"] = "wmframe.models.learner:VideoPredictor"
    for name, made in own.items():
        kind, word = name.split(".")
        target, _, config = made.partition(":")
        target, config = core.get(target, f"{HERE}:{target}"), config and f"{HERE}:{config}"
        yield Component(kind, f"stranger.{word}", target, config or None, summary="own")
