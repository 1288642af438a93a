"""Render profiles of MuJoCo suites. Imports nothing, so that configs can offer it.

Software rendering spends its time on the shadow map, multisampling and mesh triangles; what each
profile gives up, measured at 64x64 with llvmpipe, is in each suite's README.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Render = Literal["full", "near_lossless", "fast"]


class RenderProfile(NamedTuple):
    """What is asked of the renderer; None keeps what the model says.

    Attributes:
        shadow: side of the shadow map in pixels; 0 for no shadows.
        samples: multisampling; 0 for none.
        reflections: whether planes and boxes that reflect do.
        cell: meshes are thinned by clustering vertices in cells of this side, in metres.
    """

    shadow: int | None = None
    samples: int | None = None
    reflections: bool = True
    cell: float | None = None


PROFILES: Final[dict[str, RenderProfile]] = {
    "full": RenderProfile(),
    "near_lossless": RenderProfile(shadow=512),
    "fast": RenderProfile(shadow=0, samples=0, reflections=False, cell=0.008),
}
"""``full`` is the papers' picture; ``near_lossless`` differs by a mean of 0.1 of 255 at half the
cost; ``fast`` drops shadows, reflections, smooth edges and three quarters of the triangles."""

RENDER_HELP: Final = "full: the papers' pixels; near_lossless: half the cost; fast: a twentieth"
