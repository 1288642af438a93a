"""Residual layers and stacks (He et al. 2016).

One stack works at one image resolution (as in Seo et al. 2022, appendix).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from wmframe.nn.checkpointing import checkpointed
from wmframe.nn.layers import image_norm


class ResidualLayer(nn.Module):
    """Two 3x3 convolutions with a shortcut, a 1x1 convolution if channels change."""

    conv1: nn.Module
    conv2: nn.Module
    norm1: nn.Module
    norm2: nn.Module

    def __init__(self, in_channels: int, out_channels: int, norm: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm1 = image_norm(norm, out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = image_norm(norm, out_channels)
        self.shortcut = nn.Sequential()
        if in_channels != out_channels:
            self.shortcut.append(nn.Conv2d(in_channels, out_channels, 1, bias=False))
            self.shortcut.append(image_norm(norm, out_channels))

    def forward(self, x: Tensor) -> Tensor:
        """[N, in, H, W] to [N, out, H, W]."""
        return self.residual(x, x)

    def residual(self, z: Tensor, x: Tensor) -> Tensor:
        """The convolutions of ``z`` and the shortcut of ``x``, [N, in, H, W] both, together."""
        z = functional.relu(self.norm1(self.conv1(z)))
        z = self.norm2(self.conv2(z))
        return functional.relu(z + self.shortcut(x))

    def fuse(self) -> None:
        """Fold batch norms into the convolutions before them, in place, for inference."""
        self.conv1, self.norm1 = _fused(self.conv1, self.norm1)
        self.conv2, self.norm2 = _fused(self.conv2, self.norm2)
        if len(self.shortcut):
            self.shortcut[0], self.shortcut[1] = _fused(self.shortcut[0], self.shortcut[1])


class ResidualStack(nn.ModuleList):
    """Residual layers one after another, all at one resolution.

    Args:
        channels: of the input, then of each layer's output.
        norm: see :data:`wmframe.nn.choices.IMAGE_NORMS`.
        activation_checkpointing: whether layers are computed again in backward, to save memory.
    """

    def __init__(
        self, channels: Iterable[int], norm: str, activation_checkpointing: bool = False
    ) -> None:
        super().__init__(ResidualLayer(a, b, norm) for a, b in pairwise(channels))
        self._checkpoint = activation_checkpointing

    def forward(self, x: Tensor, *context: Tensor) -> Tensor:
        """[N, in, H, W] to [N, out, H, W]; ``context`` is for the first layer, if it takes one."""
        for layer in self:
            x = checkpointed(layer, x, *context) if self._checkpoint else layer(x, *context)
            context = ()
        return x


def _fused(conv: nn.Module, norm: nn.Module) -> tuple[nn.Module, nn.Module]:
    if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d) and not norm.training:
        return fuse_conv_bn_eval(conv, norm), nn.Identity()
    return conv, norm
