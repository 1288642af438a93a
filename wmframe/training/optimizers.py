"""The core's optimizers, components of kind ``optimizer``: called with a config and parameters.

What they have in common (rate, hold, warm-up, clipping) is in :mod:`wmframe.training.optimizer`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn, optim

from wmframe.training.config import AdamConfig, LaPropConfig

Parameters = Iterable[nn.Parameter]


def adam(config: AdamConfig, *, parameters: Parameters) -> optim.Optimizer:
    """Adam, fused over tensors."""
    return optim.Adam(
        parameters, config.lr, eps=config.eps, weight_decay=config.weight_decay, fused=True
    )


def adamw(config: AdamConfig, *, parameters: Parameters) -> optim.Optimizer:
    """AdamW, fused over tensors."""
    return optim.AdamW(
        parameters, config.lr, eps=config.eps, weight_decay=config.weight_decay, fused=True
    )


class LaProp(optim.Optimizer):
    """Gradients are scaled by their root mean square, and the momentum is that of what comes out.

    Ziyin et al. 2020 (arXiv 2002.04839), algorithm 1, with the rate outside the momentum. Its
    counters are tensors on the device, so a step can be captured on a GPU.
    """

    def __init__(self, config: LaPropConfig, *, parameters: Parameters) -> None:
        betas = (config.beta1, config.beta2)
        decay = config.weight_decay
        super().__init__(
            parameters,
            {"lr": config.lr, "eps": config.eps, "betas": betas, "weight_decay": decay},
        )

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Apply the gradients; ``closure`` is not supported."""
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if parameters:
                self._step_group(group, parameters)

    def _step_group(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        beta1, beta2 = group["betas"]
        states = [self._state(parameter) for parameter in parameters]
        counts, squares, momenta = (
            [state[name] for state in states] for name in ("step", "exp_avg_sq", "exp_avg")
        )
        grads = [p.grad for p in parameters if p.grad is not None]
        torch._foreach_add_(counts, 1.0)
        # v <- beta2 v + (1 - beta2) g^2;  u = g / (sqrt(v / (1 - beta2^n)) + eps)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, grads, grads, 1 - beta2)
        roots = torch._foreach_div(squares, _bias(beta2, counts))
        torch._foreach_sqrt_(roots)
        torch._foreach_add_(roots, group["eps"])
        scaled = torch._foreach_div(grads, roots)
        # m <- beta1 m + (1 - beta1) u;  p <- p - lr m / (1 - beta1^n)
        torch._foreach_lerp_(momenta, scaled, 1 - beta1)
        steps = torch._foreach_div(momenta, _bias(beta1, counts))
        if group["weight_decay"]:
            _decay(steps, parameters, group["weight_decay"])
        torch._foreach_mul_(steps, group["lr"])
        torch._foreach_sub_(parameters, steps)

    def _state(self, parameter: Tensor) -> dict[str, Any]:
        state: dict[str, Any] = self.state[parameter]
        if not state:
            state["step"] = torch.zeros((), device=parameter.device)
            state["exp_avg_sq"] = torch.zeros_like(parameter)
            state["exp_avg"] = torch.zeros_like(parameter)
        return state


def _decay(steps: Sequence[Tensor], parameters: Sequence[Tensor], share: float) -> None:
    """Decay matrices and convolution kernels towards zero, but neither biases nor gains."""
    pairs = [pair for pair in zip(steps, parameters, strict=True) if pair[1].dim() > 1]
    if pairs:
        pulled, weights = map(list, zip(*pairs, strict=True))
        torch._foreach_add_(pulled, weights, alpha=share)


def _bias(beta: float, counts: list[Tensor]) -> list[Tensor]:
    """1 - beta^n, by which a moment that began at 0 is too small; exact for beta near 1, too."""
    exponents = torch._foreach_mul(counts, math.log(beta) if beta else -math.inf)
    torch._foreach_expm1_(exponents)
    torch._foreach_neg_(exponents)
    return list(exponents)
