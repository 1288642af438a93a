"""Convolutions whose weights rest, as those of a policy do between two updates.

For one image oneDNN may take longer to lay a weight out than to convolve with it, and a batch norm
in evaluation is a scale and a shift that the weight can take on. Both are done once, and again when
something has changed; so is the cast to autocast's precision where that is on.

Letters: N images, C channels that go in, O that come out.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.optim.optimizer import register_optimizer_step_post_hook

from wmframe.nn.batch_norm import BatchNorm2d
from wmframe.nn.layers import channels_last


class Conv2d(nn.Conv2d):
    """torch's, with what :func:`convolve` saves where it can be used."""

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """[N, C, H, W] to [N, O, H', W']."""
        plain = self.padding_mode == "zeros" and not isinstance(self.padding, str)
        return convolve(x_NCHW, self) if plain and settled(x_NCHW) else super().forward(x_NCHW)


def settled(x: Tensor, norm: nn.Module | None = None) -> bool:
    """Whether :func:`convolve` can be used for ``x`` with ``norm``: on a CPU, without gradients."""
    return (
        not torch.is_grad_enabled()
        and x.device.type == "cpu"
        and x.dim() == 4
        and x.shape[0] > 0
        and (norm is None or (isinstance(norm, BatchNorm2d) and not norm.training))
        and _onednn_convolves(x.dtype, _dtype())
    )


def _onednn_convolves(given: torch.dtype, wanted: torch.dtype) -> bool:
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    if wanted == torch.float32:
        return given == wanted
    return wanted == torch.bfloat16 and given in (torch.float32, wanted) and _has_bfloat16()


@cache
def _has_bfloat16() -> bool:
    supported: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return supported


def _dtype() -> torch.dtype:
    return torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32


def convolve(
    x_NCHW: Tensor,
    conv: nn.Conv2d,
    norm: nn.Module | None = None,
    *,
    add: Tensor | None = None,
    relu: bool = False,
) -> Tensor:
    """``relu(norm(conv(x)) + add)``, to rounding; in autocast's precision where that is on.

    It sees that weights have changed when a torch optimizer or an operation on the tensors did it
    (``copy_``, ``load_state_dict``), but not when that went past autograd by their ``data``.

    Args:
        x_NCHW: one for which it is :func:`settled`.
        conv: padded with zeros, if at all, and by numbers.
        norm: batch norm in evaluation.
        add: [N, O, H', W'].
        relu: whether to end with it.
    """
    x_NCHW = x_NCHW.to(_dtype())
    weight, bias = _laid_out(x_NCHW, conv, norm)
    x_NCHW, op = channels_last(x_NCHW), torch.ops.mkldnn._convolution_pointwise
    settings, act = (weight, bias, *_geometry(conv)), "relu" if relu else "none"
    if add is None:
        out: Tensor = op(x_NCHW, *settings, act, [], "")
    else:
        out = op.binary(x_NCHW, add, *settings, "add", None, act, [], "")
    return out


class _Rest(NamedTuple):
    """A weight laid out, its bias, and of what they were made."""

    weight: Tensor
    bias: Tensor | None
    norm: nn.Module | None
    when: tuple[torch.dtype, int]
    sources: tuple[tuple[dict[str, Any], str, Tensor, int], ...]


_rests: Final[WeakKeyDictionary[nn.Module, _Rest]] = WeakKeyDictionary()
_steps = 0


def _laid_out(x: Tensor, conv: nn.Conv2d, norm: nn.Module | None) -> tuple[Tensor, Tensor | None]:
    rest, when = _rests.get(conv), (x.dtype, _steps)
    if rest is None or rest.when != when or rest.norm is not norm or _changed(rest):
        weight, bias = conv.weight.detach(), conv.bias
        if isinstance(norm, BatchNorm2d):
            weight, bias = _folded(weight, bias, norm)
        weight, bias = weight.to(x.dtype), None if bias is None else bias.to(x.dtype)
        # of one image, whatever N is: a layout for another N would serve as well
        arguments = weight.to_mkldnn(), *_geometry(conv), [1, *x.shape[1:]]
        weight = torch._C._nn.mkldnn_reorder_conv2d_weight(*arguments)
        sources = _sources(conv) if norm is None else _sources(conv) + _sources(norm)
        rest = _rests[conv] = _Rest(weight, bias, norm, when, sources)
    return rest.weight, rest.bias


def _changed(rest: _Rest) -> bool:
    for held, name, source, version in rest.sources:
        if held.get(name) is not source or source._version != version:
            return True
    return False


def _folded(weight: Tensor, bias: Tensor | None, norm: BatchNorm2d) -> tuple[Tensor, Tensor]:
    statistics = norm.running_mean, norm.running_var, norm.eps
    return fuse_conv_bn_weights(weight, bias, *statistics, norm.weight, norm.bias)


def _geometry(conv: nn.Conv2d) -> tuple[Any, ...]:
    return conv.padding, conv.stride, conv.dilation, conv.groups


def _sources(module: nn.Module) -> tuple[tuple[dict[str, Any], str, Tensor, int], ...]:
    return tuple(
        (held, name, tensor, tensor._version)
        for held in (module._parameters, module._buffers)
        for name, tensor in held.items()
        if tensor is not None
    )


def _count(*_: Any) -> None:
    global _steps
    _steps += 1


# torch's fused optimizers change weights and leave their versions as they were
register_optimizer_step_post_hook(_count)
