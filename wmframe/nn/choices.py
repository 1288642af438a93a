"""Names that settings of the layers may take. Imports no torch: configs use it."""

from __future__ import annotations

from typing import Final

ACTIVATIONS: Final = ("elu", "relu", "silu", "gelu", "tanh")
NORMS: Final = ("none", "layer")
IMAGE_NORMS: Final = ("none", "batch", "group", "layer")
STD_ACTIVATIONS: Final = ("sigmoid2", "sigmoid", "softplus")
