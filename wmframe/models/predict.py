"""Open-loop prediction: see a few frames, then imagine the rest with the true actions.

Letters: B batch, T time, t observed steps, K channels, H and W image height and width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

from wmframe.errors import UsageError
from wmframe.models.world_model import WorldModel
from wmframe.nn.modes import evaluating
from wmframe.types import Batch, State


@torch.no_grad()
def open_loop(
    world_model: WorldModel,
    batch: Batch,
    observed_steps: int,
    context: Mapping[int, Tensor] | None = None,
) -> dict[str, Tensor]:
    """What the model makes of a clip of which it sees the beginning alone.

    Args:
        world_model: put in evaluation mode meanwhile.
        batch: raw, see :data:`wmframe.types.Batch`.
        observed_steps: t, frames that are seen; up to there the model reconstructs.
        context: what the decoder looks at, feature maps by size; by default what the encoder finds
            in the frames that are seen.

    Returns:
        ``truth`` and ``model``, each [B, T, K, H, W] centered at 0 and not clipped; several images
        stand side by side. Empty without a decoder, or if it has no images.

    Raises:
        UsageError: the clip is not longer than ``observed_steps``.
    """
    steps = batch["is_first"].shape[1]
    if not 0 < observed_steps < steps:
        raise UsageError(
            f"cannot observe {observed_steps} of {steps} steps", "give fewer steps, or longer clips"
        )
    decoder = world_model.decoder
    if decoder is None:
        return {}
    with evaluating(world_model):
        data = world_model.preprocess(batch)
        seen = {key: value[:, :observed_steps] for key, value in data.items()}
        dynamics, encoded = world_model.dynamics, world_model.encoder(seen)
        posterior = dynamics.observe(encoded.embed, seen.get("action"), seen["is_first"]).posterior
        last = dynamics.last(posterior)
        imagined = _imagine(world_model, last, data.get("action"), observed_steps, steps)
        feats = (dynamics.features(posterior), imagined)
        # decoded apart, so that a decoder with random masks treats the parts as two clips
        context = encoded.context if context is None else context
        decoded = [decoder(feat_BTF, context) for feat_BTF in feats]
    parts = [{key: dist.mean() for key, dist in dists.items()} for dists in decoded]
    images = [key for key, mean in parts[0].items() if mean.ndim == 5]
    if not images:
        return {}
    model = [torch.cat([part[key] for part in parts], 1) for key in images]
    return {"truth": side_by_side([data[key] for key in images]), "model": side_by_side(model)}


@torch.no_grad()
def context_of(
    world_model: WorldModel, batch: Batch, observed_steps: int
) -> Mapping[int, Tensor] | None:
    """What the encoder finds for the decoder to look at in the frames that are seen, if anything.

    Args:
        world_model: put in evaluation mode meanwhile.
        batch: raw.
        observed_steps: frames that are seen.
    """
    with evaluating(world_model):
        seen = {key: value[:, :observed_steps] for key, value in batch.items()}
        context: Mapping[int, Tensor] | None
        context = world_model.encoder(world_model.preprocess(seen)).context
    return context


def side_by_side(clips: Sequence[Tensor]) -> Tensor:
    """Centered clips [B, T, K, H, W] from left to right in one, [B, T, K, H', W'].

    Where channels differ all become RGB, as :func:`wmframe.data.video.to_rgb` makes it. Where
    heights differ black fills the lower ones up.
    """
    if len({clip.shape[2] for clip in clips}) > 1:
        clips = [_rgb(clip) for clip in clips]
    tallest, black = max(clip.shape[3] for clip in clips), -0.5
    return torch.cat([pad(c, (0, 0, 0, tallest - c.shape[3]), value=black) for c in clips], -1)


def _rgb(clip: Tensor) -> Tensor:
    if clip.shape[2] % 3:
        return clip[:, :, -1:].expand(-1, -1, 3, -1, -1)
    return torch.cat(torch.split(clip, 3, dim=2), -1)


def _imagine(
    world_model: WorldModel, state: State, action_BTA: Tensor | None, start: int, stop: int
) -> Tensor:
    """Features [B, stop - start, F] of the steps that are not seen."""
    feats = []
    for step in range(start, stop):
        action_BA = None if action_BTA is None else action_BTA[:, step]
        state = world_model.dynamics.imagine_step(state, action_BA)
        feats.append(world_model.dynamics.features(state))
    return torch.stack(feats, 1)


def to_frames(clips: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Centered clips [B, T, K, H, W] to pictures [B, T, H, W, K] in [0, 1]."""
    return {name: (clip + 0.5).clamp(0, 1).movedim(2, -1) for name, clip in clips.items()}
