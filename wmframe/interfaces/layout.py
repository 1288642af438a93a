"""Layout: how another program names and files the weights that a learner here has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


class Layout(ABC):
    """Names both ways, for ``wmframe import-checkpoint`` and ``export-checkpoint``.

    Built with nothing. A tensor may stand in the files several times.
    """

    @abstractmethod
    def names(self, file: str, names: Collection[str]) -> Mapping[str, str]:
        """Our names, by theirs, of what a file holds; what is not known is left out.

        Args:
            file: its name, without folders.
            names: all that it holds.
        """

    @abstractmethod
    def files(self, names: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """What to write: our names, by theirs, for each file by its name.

        Args:
            names: of all that the learner has; what has no counterpart is left out.
        """

    def derive(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """State that a learner needs and the files lack, worked out from the ``weights`` in them.

        Nothing unless overridden.
        """
        return {}
