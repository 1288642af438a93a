"""Distributions that heads predict.

``torch.distributions`` is not used: it validates its arguments, which waits for the device, and it
computes statistics that nobody reads.
"""

from __future__ import annotations

from wmframe.nn.distributions.base import Distribution
from wmframe.nn.distributions.binary import Binary
from wmframe.nn.distributions.mse import Mse
from wmframe.nn.distributions.normal import Normal
from wmframe.nn.distributions.one_hot import OneHot
from wmframe.nn.distributions.symlog_mse import SymlogMse
from wmframe.nn.distributions.trunc_normal import TruncNormal
from wmframe.nn.distributions.two_hot import TwoHot

__all__ = [
    "Binary",
    "Distribution",
    "Mse",
    "Normal",
    "OneHot",
    "SymlogMse",
    "TruncNormal",
    "TwoHot",
]
