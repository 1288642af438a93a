"""Names and settings of the reference implementation (thuml/ContextWM) for what APV adds.

A video predictor has the names of :data:`wmframe_dreamerv2.reference.agent.WORLD_MODEL`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wmframe_apv.config import PRETRAINED, VISUAL
from wmframe_dreamerv2.reference.agent import AROUND_DYNAMICS, BEHAVIOR
from wmframe_dreamerv2.reference.agent import WORLD_MODEL as PREDICTOR_MODEL
from wmframe_dreamerv2.reference.names import RSSM
from wmframe_dreamerv2.reference.settings import agent_settings as dreamer_settings
from wmframe_dreamerv2.reference.settings import (
    dynamics_settings,
    loss_scales,
    network_settings,
    optimizer_settings,
)

STACK: Final = RSSM.under("action_free.", "af_rssm.") + RSSM.under("conditional.", "rssm.")

WORLD_MODEL: Final = STACK.under("dynamics.", "") + AROUND_DYNAMICS

AGENT: Final = WORLD_MODEL.under("world_model.", "wm.") + BEHAVIOR

PREDICTOR: Final = PREDICTOR_MODEL.under("world_model.", "wm.")

_MODULES: Final = {"encoder": "encoder", "decoder": "decoder", "af_rssm": "dynamics"}


def agent_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of ``apv.agent`` as a recipe would give them.

    Args:
        config: the reference's resolved configuration for fine-tuning, flat (``rssm.hidden``, ...).
    """
    settings = dreamer_settings(config)
    stack = {
        "use": "apv.rssm_stack",
        "action_free": dynamics_settings(config, "af_rssm"),
        "conditional": dynamics_settings(config, "rssm"),
        "concat_embed": config["concat_embed"],
    }
    hold = config["pretrain"] if config["enc_lr_type"] == "no_pretrain" else 0
    encoder = {**optimizer_settings(config, "enc_model_opt"), "hold": hold, "parameters": VISUAL}
    taken = [_MODULES[name] for name in config["load_modules"]]
    return {
        **settings,
        "use": "apv.agent",
        "dynamics": stack,
        "optimizers": {**settings["optimizers"], "encoder": encoder},
        "initialize": {n: ours if n in taken else "none" for n, ours in PRETRAINED.items()},
    }


def predictor_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of ``apv.video_predictor`` as a recipe would give them.

    Args:
        config: the reference's resolved configuration for pre-training, flat.
    """
    return {
        "use": "apv.video_predictor",
        "encoder": network_settings(config, "encoder"),
        "dynamics": {"use": "dreamerv2.rssm", **dynamics_settings(config, "rssm")},
        "decoder": network_settings(config, "decoder"),
        "loss_scales": loss_scales(config),
        "optimizers": {"model": optimizer_settings(config, "model_opt")},
    }
