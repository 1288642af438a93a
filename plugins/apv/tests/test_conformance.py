from __future__ import annotations

from wmframe.recipe.structure import structure_part
from wmframe.testing import conformance
from wmframe.testing.agents import check_agent
from wmframe.testing.samples import DISCRETE, IMAGES

HEAD = {"layers": 1, "units": 8}
CNN = {"depth": 4, "res_layers": 1}
RSSM = {"hidden": 8, "deter": 8, "stoch": 4, "discrete": 4}
STACK = {"action_free": RSSM, "conditional": RSSM}
AGENT = {
    "encoder": CNN,
    "dynamics": STACK,
    "decoder": CNN,
    "heads": {"reward": HEAD},
    "optimizers": {"encoder": {"hold": 1}},
    "bonus": {"neighbors": 3, "window": 2, "queue_size": 16, "queue_dim": 4},
    "behavior": {"horizon": 3, "actor": HEAD, "critic": HEAD, "target": {"every": 1}},
}

test_component = conformance(
    "apv",
    {
        "apv.agent": AGENT,
        "apv.rssm_stack": {**STACK, "concat_embed": True},
        "apv.video_predictor": {"encoder": CNN, "dynamics": RSSM, "decoder": CNN},
    },
)


def test_the_agent_keeps_its_promises_with_discrete_actions_and_an_explorer_that_learns():
    explorer = {"use": "dreamerv2.plan2explore", "models": 2, "head": HEAD}
    part = structure_part("agent", {"use": "apv.agent", **AGENT, "explorer": explorer})
    check_agent(lambda: part.build(obs=IMAGES, action=DISCRETE), IMAGES, DISCRETE)
