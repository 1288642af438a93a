from __future__ import annotations

from wmframe.recipe.structure import structure_part
from wmframe.testing import conformance
from wmframe.testing.agents import check_agent
from wmframe.testing.samples import DISCRETE, IMAGES
from wmframe.types import TensorSpec

NET = {"depth": 2, "units": 8}
RSSM = {"deter": 16, "hidden": 8, "stoch": 4, "classes": 4}
DECODER = {**NET, "deter": 16}
HEAD = {"units": 8}
AGENT = {
    "encoder": NET,
    "dynamics": RSSM,
    "decoder": NET,
    "heads": {"reward": HEAD, "discount": HEAD},
    "behavior": {"horizon": 3, "actor": HEAD, "critic": HEAD},
    "optimizers": {"model": {"warmup": 0}},
}

test_component = conformance(
    "dreamerv3",
    {
        "dreamerv3.agent": AGENT,
        "dreamerv3.rssm": RSSM,
        "dreamerv3.encoder": NET,
        "dreamerv3.decoder": DECODER,
        "dreamerv3.behavior": AGENT["behavior"],
    },
)


def test_the_agent_keeps_its_promises_with_discrete_actions_and_vectors():
    obs = {**IMAGES, "joints": TensorSpec((7,), "float32"), "height": TensorSpec((), "float32")}
    part = structure_part("agent", {"use": "dreamerv3.agent", **AGENT})
    check_agent(lambda: part.build(obs=obs, action=DISCRETE), obs, DISCRETE)
