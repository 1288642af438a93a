"""Thins a model's meshes while they are uploaded to OpenGL, by clustering their vertices.

Rossignac and Borrel, "Multi-resolution 3D approximations for rendering complex scenes", 1993:
vertices in one cell of a grid become one, and triangles that collapse vanish. Contacts are
unaffected, since MuJoCo collides the convex hulls of meshes, not these triangles.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FIELDS = ("mesh_face", "mesh_facenum", "mesh_facenormal", "mesh_facetexcoord")


@contextmanager
def thinned(model: Any, cell: float | None) -> Iterator[None]:
    """Use coarser meshes inside the block, and restore the original ones after it.

    Args:
        model: an ``mujoco.MjModel``.
        cell: side of a cell in metres; None leaves the meshes alone.
    """
    if cell is None or model.nmesh == 0:
        yield
        return
    kept = {name: getattr(model, name).copy() for name in _FIELDS}
    for index in range(model.nmesh):
        _thin(model, index, cell)
    try:
        yield
    finally:
        for name, value in kept.items():
            getattr(model, name)[:] = value


def _thin(model: Any, index: int, cell: float) -> None:
    first, count = int(model.mesh_faceadr[index]), int(model.mesh_facenum[index])
    start, vertices = int(model.mesh_vertadr[index]), int(model.mesh_vertnum[index])
    faces = model.mesh_face[first : first + count]
    merged, kept = cluster(model.mesh_vert[start : start + vertices], faces, cell)
    if not len(kept):
        return  # smaller than a cell: better whole than gone
    model.mesh_face[first : first + len(kept)] = merged
    for name in ("mesh_facenormal", "mesh_facetexcoord"):
        corners = getattr(model, name)[first : first + count]
        corners[: len(kept)] = corners[kept]
    model.mesh_facenum[index] = len(kept)


def cluster(
    points_N3: NDArray[Any], faces_F3: NDArray[Any], cell: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Merge the points of each grid cell into the first of them.

    Returns:
        the triangles [K, 3] that are left, in terms of the old points, and their indices [K] in
        ``faces_F3``, ascending.
    """
    cells = np.floor(points_N3 / cell).astype(np.int64)
    _, first, member = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    moved = first[member.ravel()][faces_F3]
    a, b, c = moved.T
    whole = np.flatnonzero((a != b) & (b != c) & (a != c))
    _, distinct = np.unique(np.sort(moved[whole], axis=1), axis=0, return_index=True)
    kept = np.sort(whole[distinct])
    return moved[kept], kept
