"""Layout: names and files of another program's weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


class Layout(ABC):
    """Two-way mapping of names, for ``wmframe import-checkpoint`` and ``export-checkpoint``.

    Built without arguments. A tensor may occur in the files several times.
    """

    @abstractmethod
    def names(self, file: str, names: Collection[str]) -> Mapping[str, str]:
        """The learner's names by the names in a file; unknown ones are omitted.

        Args:
            file: its name, without folders.
            names: all names in it.
        """

    @abstractmethod
    def files(self, names: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """What to write: the learner's names by the names in each file, by file name.

        Args:
            names: all names of the learner; those without a counterpart are omitted.
        """

    def derive(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """State that a learner needs and the files lack, derived from the ``weights`` in them.

        Nothing unless overridden.
        """
        return {}
