"""A copy of a network for inference on a CPU: batch norms folded, convolution weights prepacked.

For one image oneDNN may take longer to reorder a weight than to convolve with it, so a policy
prepares its convolutions once after its weights have changed. The copy is a snapshot: it does not
follow the network it was made from.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn

from wmframe.nn.cpu.switch import enabled

Network = TypeVar("Network", bound=nn.Module)


@runtime_checkable
class Fusible(Protocol):
    """A module that can fold its norms into its convolutions."""

    def fuse(self) -> None:
        """Fold them, in place, for inference."""


def prepared(network: Network) -> Network:
    """A copy for inference, in evaluation mode; ``network`` itself where nothing is gained."""
    weights = list(network.parameters())
    if (
        not weights
        or any(w.device.type != "cpu" for w in weights)
        or not can_prepack()
        or not enabled("prepared")
    ):
        return network
    twin = copy.deepcopy(network).eval().requires_grad_(False)
    for part in list(twin.modules()):
        if isinstance(part, Fusible):
            part.fuse()
    for part in list(twin.modules()):
        for name, child in part.named_children():
            if type(child) is nn.Conv2d and _plain(child):
                setattr(part, name, PrepackedConv2d(child))
    return twin


class PrepackedConv2d(nn.Module):
    """A convolution without gradients, whose weight is reordered for oneDNN once for each dtype.

    Args:
        conv: padded with zeros; its weight must not change any more.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.conv = conv
        self._packed: dict[torch.dtype, tuple[Tensor, Tensor | None]] = {}

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """[N, C, H, W] to [N, O, H', W'], in autocast's precision where that is on."""
        lowers = torch.is_autocast_enabled("cpu")
        dtype = torch.get_autocast_dtype("cpu") if lowers else x_NCHW.dtype
        if x_NCHW.dim() != 4 or not len(x_NCHW) or not _computes(dtype):
            return self.conv(x_NCHW)  # type: ignore[no-any-return]
        x_NCHW = x_NCHW.to(dtype).contiguous(memory_format=torch.channels_last)
        weight, bias = self._weights(x_NCHW)
        return _convolve(x_NCHW, weight, bias, self.conv)

    def _weights(self, x_NCHW: Tensor) -> tuple[Tensor, Tensor | None]:
        if x_NCHW.dtype not in self._packed:
            conv, dtype = self.conv, x_NCHW.dtype
            weight = _reorder(conv.weight.detach().to(dtype), conv, x_NCHW.shape)
            self._packed[dtype] = weight, None if conv.bias is None else conv.bias.to(dtype)
        return self._packed[x_NCHW.dtype]


def _plain(conv: nn.Conv2d) -> bool:
    return conv.padding_mode == "zeros" and not isinstance(conv.padding, str)


def _reorder(weight: Tensor, conv: nn.Conv2d, shape: torch.Size) -> Tensor:
    # for one image, whatever N is: the layout serves other N as well
    reorder = torch._C._nn.mkldnn_reorder_conv2d_weight
    packed: Tensor = reorder(weight.to_mkldnn(), *_geometry(conv), [1, *shape[1:]])  # type: ignore[call-arg]
    return packed


def _convolve(x: Tensor, weight: Tensor, bias: Tensor | None, conv: nn.Conv2d) -> Tensor:
    convolve = torch.ops.mkldnn._convolution_pointwise
    out: Tensor = convolve(x, weight, bias, *_geometry(conv), "none", [], "")
    return out


def _geometry(conv: nn.Conv2d) -> tuple[Any, ...]:
    return conv.padding, conv.stride, conv.dilation, conv.groups


def _computes(dtype: torch.dtype) -> bool:
    return dtype == torch.float32 or (dtype == torch.bfloat16 and _has_bfloat16())


@cache
def can_prepack() -> bool:
    """Whether this torch can: tried on a small convolution."""
    try:
        with torch.random.fork_rng(devices=[]):  # a resumed run probes after its state is back
            conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        x = torch.ones(1, 3, 8, 8)
        with torch.no_grad():
            found = _convolve(x, _reorder(conv.weight.detach(), conv, x.shape), conv.bias, conv)
            return torch.allclose(found, conv(x), atol=1e-4)
    except (AttributeError, RuntimeError, TypeError):
        return False


@cache
def _has_bfloat16() -> bool:
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except (AttributeError, RuntimeError):
        return False
