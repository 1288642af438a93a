"""What ``wmframe bench learner`` measures: a stage's learner, and for how long."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import attrs

from wmframe.recipe import Recipe, load_recipe

WARM_UP: Final = 3
"""Updates after the counted ones, before any figure: they compile, and choose kernels."""

SECONDS: Final = 1.0
"""Of a round of one case; a longer update is a round by itself."""


@attrs.frozen
class LearnerCase:
    """A stage's learner.

    Attributes:
        path: the recipe, or the name of one that comes with wmframe.
        stage: of the recipe.
        profile: of the recipe.
        overrides: as ``--set`` has them.
        device: instead of the recipe's.
        threads: instead of the recipe's.
        dynamics: measure the latent model's pass over a clip instead of whole updates.
    """

    path: Path
    stage: str
    profile: str | None = None
    overrides: tuple[str, ...] = ()
    device: str | None = None
    threads: int | None = None
    dynamics: bool = False

    @property
    def name(self) -> str:
        """``RECIPE:PROFILE STAGE``, with ``dynamics`` behind it where that is what is measured."""
        profile = f":{self.profile}" if self.profile else ""
        return f"{self.path.stem}{profile} {self.stage}{' dynamics' if self.dynamics else ''}"

    def recipe(self) -> Recipe:
        """The recipe, with this case's device and threads."""
        recipe = load_recipe(self.path, self.profile, self.overrides)
        threads = self.threads or recipe.threads
        return attrs.evolve(recipe, device=self.device or recipe.device, threads=threads)
