"""Settings of the reference implementation (thuml/ContextWM) as wmframe's.

Its configurations are flat: ``rssm.hidden``, ``actor_opt.lr``. What is not translated has no effect
there either (``slow_baseline``, ``expl_model_loss``) or belongs to a stage, not to the agent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RSSM = ("ensemble", "hidden", "deter", "stoch", "discrete", "act", "norm", "std_act", "min_std")
_HEAD = ("layers", "units", "act", "norm")
_OPTIMIZER = {"use": "opt", "lr": "lr", "eps": "eps", "clip": "clip", "weight_decay": "wd"}
_NORM = ("momentum", "scale", "eps")
_NETWORK = {
    "depth": "cnn_depth",
    "act": "act",
    "norm": "norm",
    "image_keys": "cnn_keys",
    "vector_keys": "mlp_keys",
    "vector_layers": "mlp_layers",
}
_NETWORKS = {
    "plaincnn": ("dreamerv2.cnn", {"kernels": "cnn_kernels"}),
    "resnet": ("wmframe.resnet", {name: name for name in ("res_depth", "res_layers", "res_norm")}),
}


def agent_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of ``dreamerv2.agent`` as a recipe would give them.

    Args:
        config: the reference's resolved configuration, flat (``rssm.hidden``, ...).
    """
    return {
        "use": "dreamerv2.agent",
        "encoder": network_settings(config, "encoder"),
        "dynamics": {"use": "dreamerv2.rssm", **dynamics_settings(config, "rssm")},
        "decoder": network_settings(config, "decoder"),
        "explorer": explorer_settings(config),
        "discount": config["discount"],
        "heads": head_settings(config),
        "decoder_gradient": "decoder" in config["grad_heads"],
        "loss_scales": loss_scales(config),
        "optimizers": {"model": optimizer_settings(config, "model_opt")},
        "bonus": bonus_settings(config),
        "rewards": _rewards(config["clip_rewards"]),
        "behavior": behavior_settings(config),
        "acting": {
            "explore_until": config["expl_until"] // config["action_repeat"],
            "explore_noise": config["expl_noise"],
            "eval_noise": config["eval_noise"],
            "eval_state_mean": config["eval_state_mean"],
        },
    }


def network_settings(config: Mapping[str, Any], slot: str) -> dict[str, Any]:
    """Settings of the encoder or decoder."""
    kind, own = _NETWORKS[config[f"{slot}_type"]]
    return {"use": f"{kind}_{slot}", **_group(config, slot, _NETWORK | own)}


def dynamics_settings(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Settings of an RSSM, whose group in the reference is ``name``."""
    settings = _group(config, name, _RSSM)
    kl = _group(config, "kl", ("free", "forward", "balance", "free_avg"))
    given = _under(config, name).items()
    rest = {k: v for k, v in given if k in ("action_free", "fill_action") and v is not None}
    # where we write 0 classes for Gaussian latents, the reference writes false
    return {**settings, **rest, "discrete": int(settings["discrete"]), "kl": kl}


def head_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of the heads for rewards and discounts."""
    outputs = {"reward": "mse", **({"discount": "binary"} if config["pred_discount"] else {})}
    return {
        name: {
            **_group(config, f"{name}_head", _HEAD),
            "gradient": name in config["grad_heads"],
            "output": {"use": output},
        }
        for name, output in outputs.items()
    }


def bonus_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of the intrinsic bonus, which is APV's."""
    if not config["beta"]:
        return {"use": "none"}
    return {
        "use": "apv.bonus",
        "scale": config["beta"],
        "relative": config["beta_type"] == "rel",
        "neighbors": config["k"],
        "window": config["intr_seq_length"],
        "queue_size": config["queue_size"],
        "queue_dim": config["queue_dim"],
        "norm": _group(config, "intr_reward_norm", (*_NORM, "init")),
    }


def loss_scales(config: Mapping[str, Any]) -> dict[str, float]:
    """Weights of the world model's losses."""
    return _under(config, "loss_scales")


def behavior_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of actor and critic."""
    return {
        "horizon": config["imag_horizon"],
        "starts": max(0, config["imag_batch"]),
        "discount_lambda": config["discount_lambda"],
        "gradient": config["actor_grad"],
        "gradient_mix": float(config["actor_grad_mix"]),
        "entropy_scale": float(config["actor_ent"]),
        "actor": _group(config, "actor", (*_HEAD, "min_std")),
        "critic": _group(config, "critic", _HEAD),
        "target": {
            "slow": config["slow_target"],
            "every": config["slow_target_update"],
            "fraction": float(config["slow_target_fraction"]),
        },
        "reward_norm": _group(config, "reward_norm", _NORM),
        "actor_optimizer": optimizer_settings(config, "actor_opt"),
        "critic_optimizer": optimizer_settings(config, "critic_opt"),
    }


def explorer_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Which behavior explores, and its settings."""
    name = config["expl_behavior"].lower()
    if name != "plan2explore":
        return {"use": name}
    return {
        "use": "dreamerv2.plan2explore",
        "models": config["disag_models"],
        "head": _group(config, "expl_head", _HEAD),
        "target": config["disag_target"],
        "offset": config["disag_offset"],
        "action_conditional": config["disag_action_cond"],
        "logarithm": config["disag_log"],
        "intrinsic_scale": config["expl_intr_scale"],
        "extrinsic_scale": config["expl_extr_scale"],
        "reward_norm": _group(config, "expl_reward_norm", _NORM),
        "optimizer": optimizer_settings(config, "expl_opt"),
    }


def optimizer_settings(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Settings of an optimizer."""
    settings = _group(config, name, _OPTIMIZER)
    return {**settings, "clip": float(settings["clip"])}


def _rewards(clip: str | float) -> dict[str, Any]:
    return {"transform": clip} if isinstance(clip, str) else {"divide_by": float(clip)}


def _under(config: Mapping[str, Any], group: str) -> dict[str, Any]:
    prefix = f"{group}."
    return {key.removeprefix(prefix): v for key, v in config.items() if key.startswith(prefix)}


def _group(
    config: Mapping[str, Any], name: str, names: Mapping[str, str] | tuple[str, ...]
) -> dict[str, Any]:
    """Values of a group by wmframe's names, given the reference's, or the names that are equal."""
    pairs = names if isinstance(names, Mapping) else {name: name for name in names}
    return {ours: config[f"{name}.{theirs}"] for ours, theirs in pairs.items()}
