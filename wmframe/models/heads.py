"""Heads on the features, from their settings.

Letters: B batch, T time, F features.
"""

from __future__ import annotations

from torch import Tensor, nn

from wmframe.config import Part, default_part
from wmframe.models.config import ActorConfig, HeadConfig, NetworkConfig, PredictorConfig
from wmframe.models.records import Replayed
from wmframe.nn.distributions import Distribution
from wmframe.nn.mlp import MLP, Head
from wmframe.types import ActionSpec


def make_trunk(config: NetworkConfig, in_dim: int) -> MLP:
    """The hidden layers that a config describes."""
    widths = (config.units,) * config.layers
    return MLP(in_dim, widths, config.act, config.norm, config.init)


def make_head(config: HeadConfig, in_dim: int, shape: tuple[int, ...] = ()) -> Head:
    """A head whose events have ``shape``; by default they are numbers."""
    trunk = make_trunk(config, in_dim)
    return Head(trunk, config.output.build(in_dim=trunk.out_dim, shape=shape, groups=()))


def make_actor(config: ActorConfig, feat_dim: int, action: ActionSpec) -> Head:
    """A policy: the output that is set, or a truncated normal over continuous actions and one-hot
    vectors over discrete ones.
    """
    trunk = make_trunk(config, feat_dim)
    output = config.output or _usual_output(config, action)
    shape, groups = (action.size,), action.groups
    return Head(trunk, output.build(in_dim=trunk.out_dim, shape=shape, groups=groups))


def _usual_output(config: ActorConfig, action: ActionSpec) -> Part:
    if action.discrete:
        return default_part("output", {"use": "wmframe.onehot"})
    return default_part("output", {"use": "wmframe.trunc_normal", "min_std": config.min_std})


class Predictor(nn.Module):
    """A head of the world model and what it learns.

    Args:
        head: features to a distribution.
        target: key of the preprocessed data.
        gradient: whether the head's loss shapes the features.
    """

    def __init__(self, head: Head, target: str, gradient: bool) -> None:
        super().__init__()
        self.head = head
        self.target = target
        self.gradient = gradient

    @classmethod
    def build(cls, name: str, config: PredictorConfig, feat_dim: int) -> Predictor:
        """From settings; the target is ``name`` unless they say another."""
        return cls(make_head(config, feat_dim), config.target or name, config.gradient)

    def forward(self, feat: Tensor) -> Distribution:
        """What is predicted of states, batched [...], from their features [..., F]."""
        dist: Distribution = self.head(feat)
        return dist

    def loss(self, replayed: Replayed) -> Tensor:
        """Negative log-likelihood of the target, averaged over the steps that it covers."""
        target_BT = replayed.data[self.target]
        steps = replayed.covered.get(self.target, replayed.feat.shape[1])
        feat_BTF = replayed.feat[:, :steps]
        dist = self(feat_BTF if self.gradient else feat_BTF.detach())
        likelihood_BT: Tensor = dist.log_prob(target_BT)
        return -likelihood_BT.mean()
