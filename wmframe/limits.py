"""How large settings may be: what is beyond names a slip, or sizes what no machine holds.

A setting states one of these as its ``maximum``, or a closer one that is its own. All of them leave
room for far more than any published experiment takes.
"""

from __future__ import annotations

from typing import Final

STEPS: Final = 10**12
"""Steps, frames, updates and decisions of a run, and whatever is counted in them."""

ROWS: Final = 10**9
"""Agent steps that a replay keeps."""

SEED: Final = 2**63 - 1
"""What TOML's integers hold; a seed is mixed before any generator takes it."""

EPISODES: Final = 10**6
"""Episodes or videos of one evaluation."""

BATCH: Final = 2**16
"""Windows or clips of an update."""

LENGTH: Final = 2**16
"""Steps of a window, frames of a clip, imagined steps."""

SIDE: Final = 2048
"""Pixels along the side of a picture that a model sees."""

PROCESSES: Final = 1024
"""Simulators, loaders or threads side by side."""

LAYERS: Final = 128
"""Layers of a network, or members of an ensemble."""

UNITS: Final = 2**14
"""Units of a dense layer."""

CHANNELS: Final = 2**12
"""Channels of a convolution, stochastic variables, classes of each."""

KERNEL: Final = 64
"""Side of a convolution's kernel."""

MAGNITUDE: Final = 1e38
"""What float32, in which everything is computed, can hold."""

SECONDS: Final = 1e6
"""Seconds to wait: eleven days."""
