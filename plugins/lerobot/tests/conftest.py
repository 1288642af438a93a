"""Small datasets of each version of the format, written by real encoders.

Frame t of episode e is as bright as :func:`level` says, before every camera but the last, which is
darker; so every frame tells where it comes from.
"""

from __future__ import annotations

import io
import json
from fractions import Fraction

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

CAMERAS = ("observation.images.top", "observation.images.wrist")
TEXTS = ("push the T", "lift the cube")
LENGTHS = (9, 5, 12)
FPS = 10
SIZE = 48


def level(episode, frame, camera=CAMERAS[0]):
    return (40 + 67 * episode + 11 * frame) % 200 // (1 + CAMERAS.index(camera)) + 20


def pictures(episode, length, camera):
    levels = [level(episode, frame, camera) for frame in range(length)]
    return np.stack([np.full((SIZE, 64, 3), one, np.uint8) for one in levels])


def encode(path, frames_THWC, fps=FPS, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(fps), options={"crf": "10", **options}
        )
        stream.height, stream.width = frames_THWC.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames_THWC:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def png(frame):
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "PNG")
    return {"bytes": buffer.getvalue(), "path": None}


def actions(episode, length):
    """Two entries: from 0 to 100 over an episode, and one that never changes."""
    ramp = np.linspace(0, 100 if episode == 0 else 50, length)
    return np.stack([ramp, np.full(length, 7.0)], 1).astype(np.float32)


def rows_of(episode, length, start, dtype, rewards):
    step = np.arange(length)
    rows = {
        "action": list(actions(episode, length)),
        "timestamp": (step / FPS).astype(np.float32),
        "frame_index": step,
        "episode_index": np.full(length, episode),
        "index": start + step,
        "task_index": np.full(length, episode % 2),
    }
    if rewards:
        rows["next.reward"] = (step + 1).astype(np.float32)
        rows["next.done"] = step == length - 1
        rows["next.success"] = (step == length - 1) & (episode != 1)
    if dtype == "image":
        for camera in CAMERAS:
            rows[camera] = [png(frame) for frame in pictures(episode, length, camera)]
    return rows


def save(path, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({key: list(values) for key, values in columns.items()}), path)


def save_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def info_of(version, dtype, lengths, **more):
    features = {
        "observation.state": {"dtype": "float32", "shape": [2]},
        **{camera: {"dtype": dtype, "shape": [SIZE, 64, 3]} for camera in CAMERAS},
        "observation.depth": {
            "dtype": dtype,
            "shape": [SIZE, 64, 1],
            "info": {"video.is_depth_map": True},
        },
        "action": {"dtype": "float32", "shape": [2], "names": ["x", "y"]},
    }
    total, splits = len(lengths), {"train": f"0:{len(lengths)}"}
    return {
        "codebase_version": version,
        "fps": FPS,
        "chunks_size": 2,
        "total_episodes": total,
        "splits": splits,
        "features": features,
        **more,
    }


def bounds(episodes, lengths):
    every = np.concatenate([actions(e, lengths[e]) for e in episodes])
    return {"action": {"min": every.min(0).tolist(), "max": every.max(0).tolist()}}


def write_v2(root, lengths=LENGTHS, dtype="video", version="v2.1", rewards=True, **more):
    """A folder of version 2, two episodes a chunk."""
    (root / "meta").mkdir(parents=True)
    (root / "meta" / "info.json").write_text(json.dumps(info_of(version, dtype, lengths, **more)))
    listed = [
        {"episode_index": e, "tasks": [TEXTS[e % 2]], "length": n} for e, n in enumerate(lengths)
    ]
    save_lines(root / "meta" / "episodes.jsonl", listed)
    save_lines(
        root / "meta" / "tasks.jsonl", [{"task_index": i, "task": t} for i, t in enumerate(TEXTS)]
    )
    every = range(len(lengths))
    if version == "v2.0":
        (root / "meta" / "stats.json").write_text(json.dumps(bounds(every, lengths)))
    else:
        stats = [{"episode_index": e, "stats": bounds([e], lengths)} for e in every]
        save_lines(root / "meta" / "episodes_stats.jsonl", stats)
    for e, n in enumerate(lengths):
        chunk, name = f"chunk-{e // 2:03d}", f"episode_{e:06d}"
        save(
            root / "data" / chunk / f"{name}.parquet",
            rows_of(e, n, sum(lengths[:e]), dtype, rewards),
        )
        for camera in CAMERAS if dtype == "video" else ():
            encode(root / "videos" / chunk / camera / f"{name}.mp4", pictures(e, n, camera))
    return root


def write_v3(
    root, lengths=LENGTHS, dtype="video", version="v3.0", rewards=True, options=None, **more
):
    """A folder of version 3, all episodes in one file of each sort."""
    save(root / "meta" / "tasks.parquet", {"task_index": [0, 1], "__index_level_0__": TEXTS})
    (root / "meta" / "info.json").write_text(json.dumps(info_of(version, dtype, lengths, **more)))
    (root / "meta" / "stats.json").write_text(json.dumps(bounds(range(len(lengths)), lengths)))
    starts = np.cumsum([0, *lengths])
    listed = {
        "episode_index": range(len(lengths)),
        "tasks": [[TEXTS[e % 2]] for e in range(len(lengths))],
        "length": lengths,
        "data/chunk_index": [0] * len(lengths),
        "data/file_index": [0] * len(lengths),
        "dataset_from_index": starts[:-1],
        "dataset_to_index": starts[1:],
        "stats/action/min": [[0.0]] * len(lengths),
    }
    for camera in CAMERAS if dtype == "video" else ():
        listed[f"videos/{camera}/chunk_index"] = [0] * len(lengths)
        listed[f"videos/{camera}/file_index"] = [0] * len(lengths)
        listed[f"videos/{camera}/from_timestamp"] = starts[:-1] / FPS
        listed[f"videos/{camera}/to_timestamp"] = starts[1:] / FPS
        film = np.concatenate([pictures(e, n, camera) for e, n in enumerate(lengths)])
        path = root / "videos" / camera / "chunk-000" / "file-000.mp4"
        encode(path, film, **(options or {}))
    save(root / "meta" / "episodes" / "chunk-000" / "file-000.parquet", listed)
    parts = [rows_of(e, n, starts[e], dtype, rewards) for e, n in enumerate(lengths)]
    rows = {key: [value for part in parts for value in part[key]] for key in parts[0]}
    save(root / "data" / "chunk-000" / "file-000.parquet", rows)
    return root


WRITERS = {"v2.0": write_v2, "v2.1": write_v2, "v3.0": write_v3}


@pytest.fixture
def write(tmp_path):
    """Write a dataset of a version; its folder comes back."""

    def make(version, name="raw", **settings):
        return WRITERS[version](tmp_path / name, version=version, **settings)

    return make


@pytest.fixture
def levels():
    """The brightness that the frames of an episode were drawn with."""

    def of(episode, length, camera=CAMERAS[0]):
        return [level(episode, frame, camera) for frame in range(length)]

    return of


@pytest.fixture
def change():
    """Change fields of a dataset's info.json."""

    def apply(root, **fields):
        path = root / "meta" / "info.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    return apply
