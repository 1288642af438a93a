"""Recorded numbers of a reference implementation, and how close to them one has to be.

A golden case is ``NAME.safetensors`` beside ``NAME.json``; the README in ``tests/golden`` says what
the tensors are called. Models are built and compared in float64: the recording in float64 (names
under ``f64/``) must then be met to 1e-6 of its largest entry, and where only float32 was recorded,
the recorded tolerance holds. The folder is ``tests/golden``, or what ``WMFRAME_GOLDEN`` names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from wmframe.errors import MissingError
from wmframe.json_files import read_json
from wmframe.nn.noise import Noise
from wmframe.nn.one_hot import one_hot_argmax

SHARP = 1e-6


def folder() -> Path:
    """Where the cases are.

    Raises:
        MissingError: there is no such folder, or no case in it.
    """
    default = Path(__file__).parents[1] / "golden"
    chosen = Path(os.environ.get("WMFRAME_GOLDEN", default))
    if not any(chosen.glob("*.safetensors")):
        hint = "set WMFRAME_GOLDEN to a folder of golden cases, or unset it"
        raise MissingError(f"there is no golden case (*.safetensors) in {chosen}", hint)
    return chosen


def _absent(what: str) -> NoReturn:
    """Skip a test where ``WMFRAME_GOLDEN`` names a folder of its own, else fail."""
    if "WMFRAME_GOLDEN" in os.environ:
        pytest.skip(what)
    raise MissingError(what, "check it out again")


def cases(prefix: str) -> list[str]:
    """Names of the cases that begin with ``prefix``, such as ``case05``."""
    return sorted(path.stem for path in folder().glob(f"{prefix}*.safetensors"))


def variants(prefix: str) -> list[str]:
    """Names of a case's variants, to parametrize a test with; empty if the case is absent."""
    return list(GoldenCase(prefix).variants) if cases(prefix) else []


class GoldenCase:
    """One case.

    Args:
        prefix: the beginning of the case's name. Another folder than the default one may lack
            single cases, whose tests are then skipped.

    Raises:
        MissingError: there is no case at all, or one of the default folder's is absent.
    """

    def __init__(self, prefix: str) -> None:
        names = cases(prefix)
        if not names:
            _absent(f"{folder()} has no {prefix}")
        self.name = names[0]
        self.meta: dict[str, Any] = read_json(
            folder() / f"{self.name}.json", dict[str, Any], finite=False
        )
        self._tensors = load_file(folder() / f"{self.name}.safetensors")

    @property
    def variants(self) -> dict[str, dict[str, Any]]:
        """Settings of each variant."""
        entries = self.meta.get("variants", {})
        return {name: value for name, value in entries.items() if isinstance(value, dict)}

    def variant(self, name: str) -> dict[str, Any]:
        """Settings of one variant. The test is skipped if the case lacks it."""
        if name not in self.variants:
            _absent(f"{folder()}: {self.name} has no variant {name}")
        return self.variants[name]

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def __getitem__(self, name: str) -> Tensor:
        """One tensor; float16 and float32 come as float64."""
        tensor = self._tensors[name]
        return tensor.double() if tensor.is_floating_point() else tensor

    def tensors(self, prefix: str) -> dict[str, Tensor]:
        """Every tensor under ``prefix``, named without it."""
        return {
            name.removeprefix(prefix): self[name]
            for name in self._tensors
            if name.startswith(prefix)
        }

    def expected(self, name: str) -> tuple[Tensor, float | None]:
        """The recorded value, in float64 if it was recorded so, and the largest error allowed.

        The error is None for the summaries of gradients in float32, whose tolerance
        :meth:`compare_gradients` knows.
        """
        if f"f64/{name}" in self:
            value = self[f"f64/{name}"]
            return value, SHARP * float(value.abs().max()) if value.numel() else 0.0
        tolerance = self.meta["tensors"].get(name, {}).get("tol", {"kind": "exact"})
        limits = {"abs": tolerance.get("atol"), "exact": 0.0}
        return self[name], limits.get(tolerance["kind"])

    def compare(self, name: str, actual: Tensor) -> None:
        """Assert that ``actual`` is the recorded tensor ``name``, within its tolerance."""
        value, limit = self.expected(name)
        assert actual.shape == value.shape, f"{name}: {tuple(actual.shape)} != {tuple(value.shape)}"
        assert limit is not None, f"{name} is a summary of gradients"
        error = (actual.detach().double() - value).abs()
        worst = float(error.max()) if error.numel() else 0.0
        assert worst <= limit, f"{self.name} {name}: off by {worst:.3g}, allowed are {limit:.3g}"

    def compare_all(self, prefix: str, actual: Mapping[str, Tensor]) -> None:
        """Compare each tensor with the recorded one of the same name under ``prefix``."""
        for name, tensor in actual.items():
            self.compare(prefix + name, tensor)

    def compare_gradients(
        self, prefix: str, names: Sequence[str], grads: Mapping[str, Tensor | None], term: str = ""
    ) -> None:
        """Compare norms and probes of gradients with ``{prefix}gradnorm{term}`` and ``gradprobe``.

        Args:
            prefix: of the recorded summaries.
            names: the parameters in recorded order, as the reference calls them.
            grads: gradients by those names; None or absent counts as 0.
            term: such as ``.kl``, for cases that keep the terms of a loss apart.
        """
        found = [grads.get(name) for name in names]
        norms = torch.stack([_norm(grad) for grad in found])
        probes = torch.stack([_probe(grad) for grad in found])
        self._compare_summary(
            f"{prefix}gradnorm{term}", norms, names, self[f"{prefix}gradnorm{term}"]
        )
        self._compare_summary(
            f"{prefix}gradprobe{term}", probes, names, self[f"{prefix}gradnorm{term}"]
        )

    def _compare_summary(
        self, name: str, actual: Tensor, parameters: Sequence[str], norms: Tensor
    ) -> None:
        value, limit = self.expected(name)
        if limit is None:
            allowed = _summary_limit(self.meta["tensors"][name]["tol"], norms)
        else:
            allowed = torch.full_like(value, limit)
        error = (actual - value).abs()
        off = [
            f"{parameter}: {a:.6g} != {b:.6g}"
            for parameter, a, b, bad in zip(parameters, actual, value, error > allowed, strict=True)
            if bad
        ]
        assert not off, f"{self.name} {name}: " + "; ".join(off[:5])


class ToOurs(Protocol):
    """Anything that maps the reference's names of parameters to ours."""

    def to_ours(self, names: Iterable[str]) -> dict[str, str]:
        """Names by the reference's names."""


class FixedNoise(Noise):
    """Makes latent samples their mode; uniforms come from a list, then are 0.5."""

    def __init__(self, uniforms: Iterable[Tensor] = ()) -> None:
        self.uniforms = list(uniforms)

    def uniform(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """The next of the given tensors, or 0.5 everywhere."""
        if self.uniforms:
            return self.uniforms.pop(0).to(like).reshape(tuple(shape))
        return like.new_full(tuple(shape), 0.5)

    def one_hot(self, probs: Tensor) -> Tensor:
        """The most likely class."""
        return one_hot_argmax(probs)

    def normal(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Zeros."""
        return like.new_zeros(tuple(shape))


def load_params(module: nn.Module, params: Mapping[str, Tensor], renames: ToOurs) -> None:
    """Make ``module`` float64 and give it recorded parameters and buffers; all must match."""
    names = renames.to_ours(params)
    unknown = sorted(set(params) - set(names))
    assert not unknown, f"no name of ours for {unknown}"
    module.double().load_state_dict({names[name]: tensor for name, tensor in params.items()})


def gradients(
    module: nn.Module, loss: Tensor, renames: ToOurs, names: Iterable[str]
) -> dict[str, Tensor | None]:
    """Gradients of ``loss`` by the reference's names; None where a parameter has none."""
    params = dict(module.named_parameters())
    ours = renames.to_ours(names)
    wanted = [params[name] for name in ours.values()]
    found = torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True)
    return dict(zip(ours, found, strict=True))


def pixels(image: Tensor) -> Tensor:
    """Recorded uint8 images as networks see them: float64 in [-0.5, 0.5]."""
    return image.double() / 255 - 0.5


def _norm(grad: Tensor | None) -> Tensor:
    return torch.zeros((), dtype=torch.float64) if grad is None else grad.double().norm()


def _probe(grad: Tensor | None) -> Tensor:
    if grad is None:
        return torch.zeros((), dtype=torch.float64)
    flat = grad.double().reshape(-1)
    return (flat * torch.arange(1, len(flat) + 1, dtype=torch.float64).cos()).sum()


def _summary_limit(tolerance: Mapping[str, Any], norms: Tensor) -> Tensor:
    share, share_of_max = (
        ("rel", "rel_of_max")
        if tolerance["kind"] == "gradnorm"
        else ("rel_of_norm", "rel_of_max_norm")
    )
    limit: Tensor = tolerance[share] * norms + tolerance[share_of_max] * norms.max()
    return limit
