"""Distributions that heads predict.

``torch.distributions`` is not used: it validates its arguments, which waits for the device, and it
computes statistics that nobody reads.
"""

from __future__ import annotations

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.distributions.binary import Binary
from wmframe.nn.distributions.mse import Mse
from wmframe.nn.distributions.one_hot import OneHot
from wmframe.nn.distributions.trunc_normal import TruncNormal

__all__ = ["Binary", "Distribution", "Mse", "OneHot", "TruncNormal"]
