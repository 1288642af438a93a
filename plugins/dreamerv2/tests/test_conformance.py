from __future__ import annotations

from wmframe.recipe.structure import structure_part
from wmframe.testing import conformance
from wmframe.testing.agents import check_agent
from wmframe.testing.samples import DISCRETE, IMAGES
from wmframe.types import TensorSpec

HEAD = {"layers": 1, "units": 8}
CNN = {"depth": 2, "vector_layers": [8]}
RSSM = {"hidden": 8, "deter": 8, "stoch": 4, "discrete": 4}
AGENT = {
    "encoder": CNN,
    "dynamics": RSSM,
    "decoder": CNN,
    "heads": {"reward": HEAD, "discount": {**HEAD, "output": {"use": "binary"}}},
    "behavior": {"horizon": 3, "actor": HEAD, "critic": HEAD, "target": {"every": 1}},
    "explorer": {"use": "dreamerv2.plan2explore", "models": 2, "head": HEAD},
}

test_component = conformance(
    "dreamerv2",
    {
        "dreamerv2.agent": AGENT,
        "dreamerv2.rssm": RSSM,
        "dreamerv2.cnn_encoder": CNN,
        "dreamerv2.cnn_decoder": CNN,
    },
)


def test_the_agent_keeps_its_promises_with_discrete_actions_and_vectors():
    obs = {**IMAGES, "joints": TensorSpec((7,), "float32")}
    seeing = {**CNN, "vector_keys": "joints"}
    nets = {"encoder": seeing, "decoder": seeing}
    part = structure_part("agent", {"use": "dreamerv2.agent", **AGENT, **nets})
    check_agent(lambda: part.build(obs=obs, action=DISCRETE), obs, DISCRETE)
