"""Open-loop predictions of a trained model: observe the start of a clip, predict the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import torch
from torch import Tensor

from wmframe.data.video import write_mp4, write_png
from wmframe.errors import MissingError, UsageError
from wmframe.stages.evaluation.heldout import likeness
from wmframe.stages.evaluation.loading import LoadedLearner, load_trained
from wmframe.stages.evaluation.pictures import Comparison, compare
from wmframe.training.rng import isolated
from wmframe.types import Counters


@attrs.frozen
class Imagined:
    """Result of :func:`imagine_run`: metrics, files by content, counters of the checkpoint."""

    figures: Mapping[str, float]
    files: Mapping[str, Path]
    counters: Counters


def imagine_run(
    folder: Path,
    out: Path | None = None,
    *,
    clips: int = 4,
    length: int = 25,
    observed: int = 5,
    seed: int = 0,
    device: str = "auto",
    trust: bool = False,
) -> Imagined:
    """Predict clips of a stage's own data open-loop and write videos and images.

    A model that separates context and motion also shows each clip's motion in the context of the
    next clip.

    Args:
        folder: a run, or one of its stages.
        out: where the files go; by default ``imagined`` in the stage's folder.
        clips: number of clips.
        length: frames of a clip.
        observed: frames that the model sees.
        seed: fixes the clips and what the model draws.
        device: a torch device, or ``auto``.
        trust: see :func:`wmframe.load`.

    Raises:
        UsageError: no frames are left to imagine.
        MissingError: there is no checkpoint, no clips any more, or no pictures to predict.
    """
    if observed >= length:
        message = f"a clip has {length} frames, of which the model is to see {observed}"
        raise UsageError(message, "leave frames to imagine: make observed smaller than length")
    loaded = load_trained(folder, device, trust=trust)
    out = out or loaded.folder / "imagined"
    batch = loaded.clips(clips, length, seed)
    with isolated(seed), torch.inference_mode():
        video = loaded.learner.predict(batch, observed)
        if not video:
            raise MissingError(
                f"the model in {folder} predicts no images", "imagine a run from pixels"
            )
        files = {"prediction": save(out / "open_loop", compare(video))}
        files |= exchange(loaded, batch, video, observed, out)
    quality = likeness(video["truth"], video["model"], observed)
    figures = {name: float(value_B.mean()) for name, value_B in quality.items()}
    return Imagined(figures, files, loaded.counters)


def exchange(
    loaded: LoadedLearner,
    batch: dict[str, Tensor],
    video: Mapping[str, Tensor],
    observed: int,
    out: Path,
) -> dict[str, Path]:
    """Each clip's motion in the next clip's context, if the learner supports it.

    Rows: the clip whose motion it is, the model's prediction, the clip whose context is lent, the
    prediction in that context.
    """
    other = {key: value.roll(-1, 0) for key, value in batch.items()}
    lent = loaded.learner.predict_with_context(batch, other, observed)
    if lent is None:
        return {}
    rows = (video["truth"], video["model"], video["truth"].roll(-1, 0), lent["model"])
    return {"context exchanged": save(out / "context", Comparison(rows))}


def save(path: Path, comparison: Comparison) -> Path:
    """Write ``path.mp4`` and the sheet ``path.png``; return the latter's path."""
    write_mp4(path.with_suffix(".mp4"), comparison.film())
    write_png(path.with_suffix(".png"), comparison.sheet())
    return path.with_suffix(".png")
