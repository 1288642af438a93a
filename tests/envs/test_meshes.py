from __future__ import annotations

import numpy as np
import pytest

from wmframe.envs import gl
from wmframe.envs.meshes import cluster, thinned

gl.configure()  # before mujoco is imported
mujoco = pytest.importorskip("mujoco")


def sphere(count=24):
    """A closed grid of triangles on the unit sphere, with its seam and poles doubled."""
    u, v = np.meshgrid(np.linspace(0, np.pi, count), np.linspace(0, 2 * np.pi, count))
    points = np.stack([np.sin(u) * np.cos(v), np.sin(u) * np.sin(v), np.cos(u)], -1).reshape(-1, 3)
    i = np.arange(count * count).reshape(count, count)
    a, b, c, d = (x.ravel() for x in (i[:-1, :-1], i[1:, :-1], i[:-1, 1:], i[1:, 1:]))
    return points, np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])


@pytest.fixture
def model():
    points, faces = sphere()
    text = " ".join(f"{value:.4f}" for value in (points * 0.1).ravel())
    order = " ".join(map(str, faces.ravel()))
    return mujoco.MjModel.from_xml_string(f"""
        <mujoco><asset>
          <mesh name="ball" vertex="{text}" face="{order}"/>
          <mesh name="crumb" vertex="0 0 0  .001 0 0  0 .001 0  0 0 .001"/>
        </asset><worldbody><geom type="mesh" mesh="ball"/>
          <geom type="mesh" mesh="crumb"/></worldbody></mujoco>""")


def test_clustering_keeps_the_shape_with_fewer_triangles():
    points, faces = sphere()
    merged, kept = cluster(points, faces, cell=0.3)
    assert 50 < len(merged) < len(faces) / 3
    assert merged.shape == (len(kept), 3)
    assert np.all(np.diff(kept) > 0)
    # every corner moved by less than the diagonal of a cell
    moved = np.linalg.norm(points[merged] - points[faces[kept]], axis=-1)
    assert moved.max() <= 0.3 * np.sqrt(3)
    # no triangle has collapsed, none is there twice
    assert all(len(set(triangle)) == 3 for triangle in merged.tolist())
    assert len({tuple(sorted(triangle)) for triangle in merged.tolist()}) == len(merged)


def test_a_cell_smaller_than_every_edge_changes_nothing():
    points, faces = (
        np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]]),
        np.array([[0, 1, 2], [0, 2, 3]]),
    )
    merged, kept = cluster(points, faces, cell=0.01)
    np.testing.assert_array_equal(merged, faces)
    np.testing.assert_array_equal(kept, [0, 1])


def test_the_model_is_coarser_inside_the_block_and_as_before_after_it(model):
    fields = [name for name in dir(model) if name.startswith(("mesh_", "geom_"))]
    before = {name: np.array(getattr(model, name)) for name in fields}
    counts = model.mesh_facenum.copy()
    with pytest.raises(RuntimeError, match="upload"), thinned(model, cell=0.04):
        assert model.mesh_facenum[0] < counts[0] / 2
        assert model.mesh_facenum[1] == counts[1]  # smaller than a cell: kept whole
        raise RuntimeError("upload failed")
    for name, value in before.items():
        np.testing.assert_array_equal(getattr(model, name), value, err_msg=name)


def test_no_cell_means_no_change(model):
    counts = model.mesh_facenum.copy()
    with thinned(model, None):
        np.testing.assert_array_equal(model.mesh_facenum, counts)
