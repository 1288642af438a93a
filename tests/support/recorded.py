"""Recorded runs of whole learners, for the golden tests of this method and those built on it.

What the recordings hold is said in ``tests/golden/README.md``; everything is built in float64.

Letters: B batch, T time, N rows, K channels, H and W image height and width.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, cast

import attrs
import torch
from torch import Tensor, nn

from support.golden import FixedNoise, GoldenCase, ToOurs, cases, gradients
from wmframe.interfaces.models import Learner
from wmframe.models.heads import Predictor
from wmframe.models.world_model import ModelLoss, WorldModel
from wmframe.nn.kl import balanced_kl
from wmframe.nn.latents import CategoricalLatent
from wmframe.nn.noise import Noise
from wmframe.recipe.structure import structure_part
from wmframe.types import ActionSpec, Observed, TensorSpec
from wmframe_dreamerv2.rssm import RSSM, RSSMState

UNSAVED: Final = frozenset({"world_model.bonus.filled", "task.target.updates", "decisions"})
"""State of ours that the reference does not save."""

SAMPLINGS: Final = ("nost", "st")
"""Latents without and with straight-through gradients."""


def variants_of(case: str, models: Collection[str]) -> list[str]:
    """Variants of a case whose parameters are those of one of ``models``, which are cases."""
    found = GoldenCase(case).variants.items() if cases(case) else ()
    return [name for name, variant in found if variant.get("params_from") in models]


def recorded_batch() -> dict[str, Tensor]:
    """The clips that every learner was given, images channels-last."""
    batch = GoldenCase("case15_batch").tensors("in/")
    return batch | {"image": batch["image"].movedim(2, -1)}


def build_recorded(
    case: GoldenCase,
    kind: str,
    settings: Mapping[str, Any],
    names: ToOurs,
    *,
    noise: Noise | None = None,
    unsaved: Collection[str] = UNSAVED,
) -> Any:
    """Build the learner of a case with the recorded parameters.

    Args:
        case: a world model of case 15.
        kind: ``learner`` or ``agent``.
        settings: the component and its settings.
        names: of the reference and ours.
        noise: for latents; their modes by default.
        unsaved: state of ours that the recording lacks; no other may be missing.
    """
    batch = recorded_batch()
    runtime: dict[str, Any] = {
        "obs": {"image": TensorSpec(tuple(batch["image"].shape[2:]), "uint8")},
        "noise": noise or FixedNoise(),
    }
    if kind == "agent":
        runtime["action"] = ActionSpec(batch["action"].shape[-1], discrete=False)
    learner = structure_part(kind, settings).build(**runtime).double()
    load_recorded(learner, case.tensors("param/"), names, unsaved)
    filled = case.meta["queue_fill_before"]
    if filled:
        learner.world_model.bonus.filled.fill_(filled)
    return learner


def load_recorded(
    learner: nn.Module,
    params: Mapping[str, Tensor],
    names: ToOurs,
    unsaved: Collection[str] = UNSAVED,
) -> None:
    """Load parameters by the reference's names; all must be known, and all of ours be there."""
    # the reference saves its behavior twice
    kept = {key: value for key, value in params.items() if not key.startswith("_expl_behavior.")}
    ours = names.to_ours(kept)
    assert set(ours) == set(kept), sorted(set(kept) - set(ours))
    state = {ours[name]: tensor for name, tensor in kept.items()}
    missing, unexpected = learner.load_state_dict(state, strict=False)
    assert set(missing) <= set(unsaved), sorted(set(missing) - set(unsaved))
    assert not unexpected, unexpected


def recorded_state(case: GoldenCase, prefix: str = "in/state.") -> RSSMState | None:
    """A latent state, if the case has one under ``prefix``."""
    found = case.tensors(prefix)
    return RSSMState((found["logit"],), found["stoch"], found["deter"]) if found else None


def pass_gradients(learner: nn.Module, sampling: str) -> None:
    """Let gradients through sampled latents, or not; ``sampling`` is one of SAMPLINGS."""
    for module in learner.modules():
        if isinstance(module, RSSM) and isinstance(module.latent, CategoricalLatent):
            module.latent.straight_through = sampling == "st"


def check_gradients(
    case: GoldenCase, learner: Learner, loss: ModelLoss, sampling: str, names: ToOurs
) -> None:
    """Compare the gradients of every parameter, for each loss term and the total."""
    recorded = case.meta["grad_names"]
    for term, value in {"total": loss.total, **loss.terms}.items():
        grads = gradients(learner, value, names, recorded)
        case.compare_gradients(f"{sampling}/", recorded, grads, f".{term}")


def check_losses(case: GoldenCase, learner: Any, loss: ModelLoss, names: ToOurs) -> None:
    """Compare the losses, the embeddings and the buffers that computing them has changed."""
    assert set(loss.terms) == set(case.meta["loss_terms"])
    case.compare("out/total", loss.total)
    case.compare_all("out/loss.", loss.terms)
    case.compare("out/embed", loss.replayed.embed)
    state, after = learner.state_dict(), case.tensors("after/")
    ours = names.to_ours(after)
    assert set(ours) == set(after)
    case.compare_all("after/", {theirs: state[name] for theirs, name in ours.items()})
    if case.meta["queue_fill_before"]:
        assert int(learner.world_model.bonus.filled) == case.meta["queue_fill_after"]


def check_latents(case: GoldenCase, rssm: RSSM, observed: Observed) -> None:
    """Compare posteriors, priors and the KL of a clip."""
    for name, state in zip(("post", "prior"), observed, strict=True):
        stoch = rssm.latent.mode(state.stats)
        actual = {"logit": state.stats[0], "stoch": stoch, "deter": state.deter}
        case.compare_all(f"out/{name}.", actual)
    kl = attrs.asdict(rssm.kl)
    stats = observed.posterior.stats, observed.prior.stats
    case.compare("out/kl_value", balanced_kl(*stats, rssm.latent, **kl)[1])


def check_likelihoods(case: GoldenCase, world_model: WorldModel, loss: ModelLoss) -> None:
    """Compare what each head makes of each step, as far as it was recorded."""
    feat_BTF, data = loss.replayed.feat, loss.replayed.data
    for name, module in world_model.heads.items():
        predictor = cast(Predictor, module)
        target_BT = data[predictor.target]
        likelihood_BT = predictor(feat_BTF[:, : target_BT.shape[1]]).log_prob(target_BT)
        if f"out/like.{name}" in case:
            case.compare(f"out/like.{name}", likelihood_BT)


def acting_steps(agent: Any, rows: int) -> list[tuple[Tensor, Any]]:
    """The actions and the states of three steps, the second row's episode ending before the last.

    Args:
        agent: acts by its mode.
        rows: N, of the recorded batch.
    """
    image = recorded_batch()["image"]
    state, steps = agent.initial_state(rows), []
    for step, is_first in enumerate([[1, 1], [0, 0], [0, 1]]):
        obs = {"image": image[:rows, step], "is_first": torch.tensor(is_first)[:rows].double()}
        action, state = agent.act(obs, state, "eval")
        steps.append((action, state.latent))
    return steps


def check_video(case: GoldenCase, variant: str, clips: Mapping[str, Tensor]) -> None:
    """Compare an open-loop video: truth above model above error, the clips side by side.

    Args:
        case: case 21.
        variant: its variant.
        clips: ``truth`` and ``model`` [B, T, K, H, W], centered and not clipped.
    """
    truth, model = clips["truth"] + 0.5, clips["model"] + 0.5
    video = torch.cat([truth, model, (model - truth + 1) / 2], 3).permute(1, 3, 0, 4, 2)
    flat = video.flatten(2, 3)
    assert list(flat.shape) == case.variant(variant)["full_shape"]
    case.compare(f"{variant}/out/video_strided5", flat[:, ::5, ::5])
