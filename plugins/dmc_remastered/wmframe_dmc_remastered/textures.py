"""Where the pictures of skies and floors come from: the publisher's photographs, or noise."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from wmframe.errors import DamagedError, MissingError
from wmframe.files import assets_folder
from wmframe_dmc_remastered.looks import FLOORS, SKIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME: Final = "dmc_remastered"
PROCEDURAL: Final = "procedural"
MANIFEST: Final = "manifest.json"
INSTALL: Final = f"wmframe assets {NAME} --from FOLDER"


class Kind(NamedTuple):
    """The publisher's pictures of one kind: how many there are, and their side in pixels."""

    number: int
    side: int


KINDS: Final[Mapping[str, Kind]] = {"floors": Kind(FLOORS, 300), "skies": Kind(SKIES, 800)}
"""By the publisher's folder."""


class Textures(ABC):
    """Pictures by number, as a look draws them."""

    @abstractmethod
    def sky(self, number: int) -> NDArray[np.uint8]:
        """Sky ``number``, from 0 to 118: uint8 [S, S, 3], first row on top."""

    @abstractmethod
    def floor(self, number: int) -> NDArray[np.uint8]:
        """Floor ``number``, from 0 to 382: uint8 [S, S, 3]."""

    @abstractmethod
    def facts(self) -> dict[str, str]:
        """What the run's lock should say of them."""


class Procedural(Textures):
    """Noise. It varies as photographs do, but scores are not those of DMC Remastered."""

    def sky(self, number: int) -> NDArray[np.uint8]:
        """See :class:`Textures`."""
        from wmframe_dmc_remastered import noise

        return noise.sky(number)

    def floor(self, number: int) -> NDArray[np.uint8]:
        """See :class:`Textures`."""
        from wmframe_dmc_remastered import noise

        return noise.floor(number)

    def facts(self) -> dict[str, str]:
        """See :class:`Textures`."""
        return {"assets": PROCEDURAL}


class Photos(Textures):
    """The publisher's photographs, in the order of their names.

    The reference took the file system's order, so that a seed meant other pictures on another
    machine; sorted, it means the same everywhere. Where some are missing, the numbers go round
    among those that are there: the looks are then not the publisher's, and :meth:`facts` says so.

    Args:
        folder: holds ``floors`` and ``skies``.

    Raises:
        MissingError: a kind has no picture at all, or more than the publisher's.
    """

    def __init__(self, folder: Path) -> None:
        self._paths = {kind: pictures(folder / kind) for kind in KINDS}
        self._counts = {kind: len(paths) for kind, paths in self._paths.items()}
        if not all(0 < self._counts[kind] <= KINDS[kind].number for kind in KINDS):
            text = f"{folder} does not hold the textures: {tally(self._counts)}"
            raise MissingError(text, INSTALL)

    def sky(self, number: int) -> NDArray[np.uint8]:
        """See :class:`Textures`."""
        return self._read("skies", number)

    def floor(self, number: int) -> NDArray[np.uint8]:
        """See :class:`Textures`."""
        return self._read("floors", number)

    def _read(self, kind: str, number: int) -> NDArray[np.uint8]:
        return read(self._paths[kind][number % self._counts[kind]])

    def facts(self) -> dict[str, str]:
        """How many there are unless all are, and a digest of all names and sizes.

        A seed draws by the files' order, so the digest changes with the meaning of seeds.
        """
        files = [path for paths in self._paths.values() for path in paths]
        text = "".join(f"{path.name} {path.stat().st_size}\n" for path in files)
        name = "photos" if complete(self._counts) else f"photos: {tally(self._counts)}"
        return {"assets": name, "assets_digest": sha256(text.encode()).hexdigest()[:16]}


def choose(assets: str) -> Textures:
    """The textures of the setting ``assets``: a folder, ``procedural``, or what is installed.

    Raises:
        MissingError: the folder does not hold the textures.
    """
    if assets == PROCEDURAL:
        return Procedural()
    if assets:
        return Photos(layout(Path(assets).expanduser()))
    folder = assets_folder(NAME)
    return Photos(folder) if (folder / MANIFEST).exists() else Procedural()


def layout(source: Path) -> Path:
    """The folder with ``floors`` and ``skies``: ``source``, or the publisher's folder below it.

    Raises:
        MissingError: there is none.
    """
    for inside in ("", "assets", "dmc_remastered/assets"):
        if any((source / inside / kind).is_dir() for kind in KINDS):
            return source / inside
    raise MissingError(
        f"{source} has no folders floors and skies",
        "download github.com/QData/dmc_remastered and give its folder dmc_remastered/assets",
    )


def pictures(folder: Path) -> list[Path]:
    """The PNG files of a folder by name; none where there is no folder."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.suffix == ".png" and path.name[0] != ".")


def complete(counts: Mapping[str, int]) -> bool:
    """Whether there are as many pictures of each kind as the publisher's."""
    return all(counts[kind] == KINDS[kind].number for kind in KINDS)


def tally(counts: Mapping[str, int]) -> str:
    """How many pictures there are of how many."""
    return ", ".join(f"{counts[kind]} of {KINDS[kind].number} {kind}" for kind in KINDS)


def read(path: Path) -> NDArray[np.uint8]:
    """A picture, uint8 [S, S, 3], its transparency ignored as MuJoCo does.

    Raises:
        DamagedError: it cannot be decoded.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB"))
    except (OSError, ValueError, SyntaxError) as error:
        raise DamagedError(f"{path} cannot be decoded: {error}", INSTALL) from error
