"""Find out whether a computation waits for the device to read a value back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class NoHostReads(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within ``with NoHostReads():``, reading a value (``item``, ``if tensor:``) is an error.

    It works on the CPU as well, where the same calls read without waiting.
    """

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Pass every operation on but the one that reads."""
        assert func is not torch.ops.aten._local_scalar_dense.default, "a value is read back"
        return func(*args, **(kwargs or {}))
