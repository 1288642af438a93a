"""Rotation and mirroring of videos: FFmpeg's display matrix."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
from av.sidedata.sidedata import Type

from wmframe.errors import DamagedError

FORM: Final = "9i"
"""The matrix [[a, b, u], [c, d, v], [x, y, w]] in the machine's byte order, 16.16 fixed point."""


def turned(frame_HWC: np.ndarray, frame: Any) -> np.ndarray:
    """The pixels of a decoded frame as a player shows them, contiguous.

    The matrix maps a coded pixel (p, q) to (a p + c q + x, b p + d q + y); of quarter turns and
    mirrors, two of a, b, c and d are 0.

    Args:
        frame_HWC: the frame's pixels, whatever their number.
        frame: PyAV's frame, which has the matrix as side data.

    Raises:
        DamagedError: the matrix is none of quarter turns and mirrors.
    """
    side = frame.side_data.get(Type.DISPLAYMATRIX)
    if side is None:
        return frame_HWC
    a, b, _, c, d, *_ = struct.unpack(FORM, bytes(side))
    if a and d and not b and not c:
        right, down = a, d
    elif b and c and not a and not d:
        frame_HWC, right, down = frame_HWC.swapaxes(0, 1), c, b
    else:
        matrix = [round(number / 2**16, 3) for number in (a, b, c, d)]
        message = f"it is to be turned by {matrix}, which is no quarter turn"
        raise DamagedError(message, "write it upright, as ffmpeg -i IN OUT does")
    return np.ascontiguousarray(frame_HWC[:: 1 if down > 0 else -1, :: 1 if right > 0 else -1])
