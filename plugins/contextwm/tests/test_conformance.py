from __future__ import annotations

from wmframe.testing import conformance

HEAD = {"layers": 1, "units": 8}
NET = {"depth": 4, "res_layers": 1, "vector_layers": [8]}
RSSM = {"hidden": 8, "deter": 8, "stoch": 4, "discrete": 4}
AGENT = {
    "encoder": {**NET, "augmentation": "erasing"},
    "decoder": {**NET, "mask_warmup": 2},
    "dynamics": {"action_free": RSSM, "conditional": RSSM, "concat_embed": True},
    "heads": {"reward": HEAD, "aux_reward": HEAD},
    "bonus": {"neighbors": 3, "window": 2, "queue_size": 16, "queue_dim": 4},
    "behavior": {"horizon": 3, "actor": HEAD, "critic": HEAD, "target": {"every": 1}},
}

test_component = conformance(
    "contextwm",
    {
        "contextwm.agent": AGENT,
        "contextwm.encoder": NET,
        "contextwm.decoder": NET,
        "contextwm.video_predictor": {"encoder": NET, "decoder": NET, "dynamics": RSSM},
    },
)
