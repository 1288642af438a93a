"""Models of a domain as a look has them; physics is dm_control's in every one.

The reference builds a whole environment for every episode. Here the physics is built once; an
episode's look is compiled separately, and only rendering data are copied.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Final
from xml.etree import ElementTree

from packaging.version import Version
from PIL import Image

from wmframe.envs import gl
from wmframe_dmc_remastered.domains import (
    DEFAULTS,
    DOMAINS,
    MATERIALS,
    MODEL,
    SKYBOX,
    Edit,
)
from wmframe_dmc_remastered.looks import Look
from wmframe_dmc_remastered.textures import Textures

gl.configure()  # MuJoCo reads MUJOCO_GL when it is imported

import mujoco  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

VISIBLE: Final = tuple(
    name for name in dir(mujoco.MjModel) if name.startswith(("cam_", "light_", "mat_"))
)
"""The arrays of a model that looks change."""

RAW: Final = "image/vnd.mujoco.texture"
"""MuJoCo's name for a picture as it lies in memory: width, height, bytes. 3.12 removed it."""

FORMAT: Final = RAW if Version(mujoco.__version__) < Version("3.12") else "image/png"
"""How the installed MuJoCo is given pictures."""

Sources = tuple[str, dict[str, bytes]]
"""The model's XML, and the files that it names."""

Documents = dict[str, ElementTree.Element]


class Scene:
    """The XML of a domain in the reference's default look.

    Args:
        domain: its name in the Control Suite.
    """

    def __init__(self, domain: str) -> None:
        suite: Any = importlib.import_module(f"dm_control.suite.{domain}")
        text, common = suite.get_model_and_assets()
        self._documents = {name: ElementTree.fromstring(file) for name, file in common.items()}
        self._documents[MODEL] = ElementTree.fromstring(text)
        apply(self._documents, (*DEFAULTS, *DOMAINS[domain].defaults))

    def physics(self) -> Sources:
        """A model to simulate, whose textures are tiny: those of a look are drawn instead."""
        documents = deepcopy(self._documents)
        for document in documents.values():
            for texture in document.iterfind(".//texture"):
                texture.attrib.update(width="8", height="8")
        return sources(documents, {})

    def model(self, look: Look, textures: Textures) -> Any:
        """An ``mujoco.MjModel`` in a look. It may be called while another thread simulates.

        Raises:
            DamagedError: a picture cannot be decoded.
        """
        documents, files = deepcopy(self._documents), {}
        apply(documents, look.edits)
        if look.sky is not None:
            files["sky"] = file_of(textures.sky(look.sky))
            use_file(documents[SKYBOX], "sky")
        if look.floor is not None:
            files["floor"] = file_of(textures.floor(look.floor))
            use_file(documents[MATERIALS], "floor")
        return mujoco.MjModel.from_xml_string(*sources(documents, files))


def apply(documents: Documents, edits: Iterable[Edit]) -> None:
    """Write every edit into its document."""
    for edit in edits:
        element = documents[edit.document].find(edit.path)
        assert element is not None, f"dm_control's {edit.document} has no {edit.path}"
        element.set(edit.attribute, edit.value)


def use_file(document: ElementTree.Element, name: str) -> None:
    """Have a document's texture read from a file instead of being generated."""
    texture = document.find(".//texture")
    assert texture is not None
    texture.attrib.update(builtin="none", file=name, content_type=FORMAT)


def file_of(picture_HWC: NDArray[np.uint8]) -> bytes:
    """A picture as MuJoCo reads it, uncompressed."""
    if FORMAT == RAW:
        height, width, _ = picture_HWC.shape
        return np.array([width, height], np.int32).tobytes() + picture_HWC.tobytes()
    file = io.BytesIO()
    Image.fromarray(picture_HWC).save(file, "PNG", compress_level=0)
    return file.getvalue()


def sources(documents: Documents, files: dict[str, bytes]) -> Sources:
    """What MuJoCo compiles."""
    texts = {name: ElementTree.tostring(root, "unicode") for name, root in documents.items()}
    model = texts.pop(MODEL)
    return model, {**files, **{name: text.encode() for name, text in texts.items()}}


def wear(model: Any, look: Any) -> None:
    """Give ``model`` the cameras, lights and materials of the model ``look``; not its textures."""
    for name in VISIBLE:
        getattr(model, name)[:] = getattr(look, name)
    for name in ("ambient", "diffuse", "specular"):
        getattr(model.vis.headlight, name)[:] = getattr(look.vis.headlight, name)
    model.vis.quality.shadowsize = look.vis.quality.shadowsize
