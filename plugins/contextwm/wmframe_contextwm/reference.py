"""Names and settings of the reference implementation (thuml/ContextWM) for what ContextWM adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wmframe_apv import reference as apv
from wmframe_dreamerv2.reference.names import DECODER, ENCODER, HEAD, STAGES, Rename, Renames

BRANCH: Final = (Renames([Rename("stem.{leaf}", "convin.{leaf}")]) + STAGES).under(
    "context_trunk.", "cond_"
)

ATTENTION: Final = Renames(
    [
        Rename("kv_position", "kv_pos_emb"),
        Rename("q_position", "q_pos_emb"),
        Rename("in_proj.{leaf}", "cross_attention.att.in_proj_{leaf}"),
        Rename("out_proj.{leaf}", "cross_attention.att.out_proj.{leaf}"),
        Rename("norm.{leaf}", "norm_cross_att.{leaf}"),
    ]
).under("stages.{i}.{j}.attention.", "res{i}.stack.{j}.")

CONTEXT_ENCODER: Final = ENCODER + BRANCH

CONTEXT_DECODER: Final = DECODER + ATTENTION

_CONTEXT: Final = BRANCH.under("encoder.", "encoder.") + ATTENTION.under(
    "decoder.", "heads.decoder."
)

_AUX_REWARD: Final = HEAD.under("heads.aux_reward.head.", "heads.aux_reward.")

AGENT: Final = apv.AGENT + (_CONTEXT + _AUX_REWARD).under("world_model.", "wm.")

PREDICTOR: Final = apv.PREDICTOR + _CONTEXT.under("world_model.", "wm.")

_FRAMES: Final = {"trand": "random", "t0": "first", "tlast": "last"}
_PLAIN: Final = {"encoder_type": "resnet", "decoder_type": "resnet"}


def agent_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of ``contextwm.agent`` as a recipe would give them.

    Args:
        config: the reference's resolved configuration for fine-tuning, flat (``rssm.hidden``, ...).
    """
    settings = apv.agent_settings({**config, **_PLAIN})
    heads = settings["heads"]
    aux_reward: Any = "none"
    if config.get("loss_scales.aux_reward", 0.0) != 0:
        aux_reward = {**heads["reward"], "gradient": True, "target": "task_reward"}
    return {
        **contextual(config, settings),
        "use": "contextwm.agent",
        "heads": {**heads, "aux_reward": aux_reward},
    }


def predictor_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of ``contextwm.video_predictor`` as a recipe would give them.

    Args:
        config: the reference's resolved configuration for pre-training, flat.
    """
    settings = apv.predictor_settings({**config, **_PLAIN})
    return {**contextual(config, settings), "use": "contextwm.video_predictor"}


def contextual(config: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings of a learner with contextual networks in its slots."""
    encoder = {
        "use": "contextwm.encoder",
        "context_layers": config["encoder_ctx.ctx_res_layers"],
        "frame": _FRAMES[config["encoder_ctx.ctx_cond_choice"]],
        "augmentation": config.get("encoder_ctx.ctx_aug", "none"),
    }
    decoder = {
        "use": "contextwm.decoder",
        "mask": config["decoder_ctx.ctx_attmask"],
        "mask_warmup": max(0, config.get("decoder_ctx.ctx_attmaskwarmup", 0)),
        "mask_in_eval": True,
    }
    return {
        **settings,
        "encoder": {**settings["encoder"], **encoder},
        "decoder": {**settings["decoder"], **decoder},
    }
