"""Mapping of the whole agent's parameter names to the reference implementation.

These have no name in the reference: ``bonus.filled``, ``target.updates`` and ``decisions`` were not
saved. Only the reference has ``_expl_behavior``, a second copy of ``_task_behavior``.
"""

from __future__ import annotations

from typing import Final

from wmframe_dreamerv2.reference.names import DECODER, ENCODER, HEAD, RSSM, Rename, Renames

BONUS: Final = Renames(
    [
        Rename("projection", "random_projection_matrix"),
        Rename("queue", "queue"),
        Rename("norm.mag", "intr_rewnorm.mag"),
        Rename("reward_norm.mag", "plain_rewnorm.mag"),
    ]
)

AROUND_DYNAMICS: Final = (
    ENCODER.under("encoder.", "encoder.")
    + DECODER.under("decoder.", "heads.decoder.")
    + HEAD.under("heads.reward.head.", "heads.reward.")
    + HEAD.under("heads.discount.head.", "heads.discount.")
    + BONUS.under("bonus.", "intr_bonus.")
)

WORLD_MODEL: Final = RSSM.under("dynamics.", "rssm.") + AROUND_DYNAMICS

ACTOR_CRITIC: Final = (
    HEAD.under("actor.", "actor.")
    + HEAD.under("critic.", "critic.")
    + HEAD.under("target.net.", "_target_critic.")
    + Renames([Rename("reward_norm.mag", "rewnorm.mag")])
)

BEHAVIOR: Final = ACTOR_CRITIC.under("task.", "_task_behavior.")

AGENT: Final = WORLD_MODEL.under("world_model.", "wm.") + BEHAVIOR
