"""Names that settings of the layers may take. Imports no torch: configs use it.

In addition to the short names a setting takes a component of its kind, or ``module:attribute`` of
any code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from wmframe.config import load_object, setting
from wmframe.errors import WmframeError

ACTIVATIONS: Final = ("elu", "relu", "silu", "gelu", "tanh")
NORMS: Final = ("none", "layer", "rms")
IMAGE_NORMS: Final = ("none", "batch", "group", "layer")
INITS: Final = ("xavier", "lecun")
STD_ACTIVATIONS: Final = ("sigmoid2", "sigmoid", "softplus")

CODE: Final = re.compile(r"\w+(\.\w+)*:\w+")


def act_setting(default: str, help: str = "activation") -> Any:  # noqa: A002
    """Declare a setting for an activation: a short name, a component, or a function of a tensor."""
    return _open("activation", default, ACTIVATIONS, help)


def norm_setting(default: str, help: str = "norm") -> Any:  # noqa: A002
    """Declare a setting for a norm over the last dimension; what it names is called with its
    size.
    """
    return _open("norm", default, NORMS, help)


def init_setting(default: str = "xavier") -> Any:
    """Declare a setting for the initial weights of linear layers."""
    words = "initial weights: xavier (uniform) or lecun (normal, by the fan-in)"
    return setting(default, help=words, choices=INITS)


def image_norm_setting(default: str, help: str = "norm") -> Any:  # noqa: A002
    """Declare a setting for a norm of maps [N, C, H, W]; what it names is called with C."""
    return _open("image_norm", default, IMAGE_NORMS, help)


def find_named(kind: str, name: str) -> Any:
    """What a name other than the short ones stands for.

    Raises:
        WmframeError: there is no such component, or no such code.
    """
    if CODE.fullmatch(name):
        return load_object(name)
    from wmframe.registry import registry

    return load_object(registry().find(kind, name).target)


def _open(kind: str, default: str, short: Sequence[str], help: str) -> Any:  # noqa: A002
    words = f"{help}: {', '.join(short)}, a component, or module:attribute"
    return setting(default, help=words, normalize=_known(kind, short), executes=_executes)


def _known(kind: str, short: Sequence[str]) -> Callable[[str], str]:
    def normalize(name: str) -> str:
        if name in short or CODE.fullmatch(name):
            return name
        from wmframe.registry import registry

        try:
            return registry().find(kind, name).name
        except WmframeError as error:
            known = ", ".join(short)
            raise ValueError(f"{name!r} is none of {known}, no component of kind {kind}") from error

    return normalize


def _executes(name: str) -> Sequence[str]:
    return [name] if CODE.fullmatch(name) else []
