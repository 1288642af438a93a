"""Fill a replay with the episodes of a LeRobot dataset."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import attrs

from wmframe.data.replay import Replay
from wmframe.data.replay.index import Index
from wmframe.errors import DamagedError
from wmframe.interfaces.context import StageContext
from wmframe.interfaces.stage import Stage
from wmframe.stages.loop.episodes import episode_figures
from wmframe.types import Counters
from wmframe_lerobot.config import Terminal
from wmframe_lerobot.entry import Entry
from wmframe_lerobot.replay import EpisodeReader


@attrs.frozen
class ReplayStage(Stage):
    """Settings as in :class:`~wmframe_lerobot.config.ReplayStageConfig`.

    It leaves ``replay/`` in its folder, as the core's ``collect`` does. One that was killed keeps
    its complete episodes and resumes with the others.
    """

    root: str
    camera: str
    size: int
    action: str
    action_low: tuple[float, ...]
    action_high: tuple[float, ...]
    terminal: Terminal
    damaged: str

    def execute(self, context: StageContext) -> Mapping[str, float]:
        """Read every episode; see :class:`~wmframe.interfaces.Stage`.

        Raises:
            MissingError: there is no such dataset, camera or feature.
            DamagedError: an episode cannot be read, and ``damaged`` is ``refuse``.
        """
        reader = self.reader()
        steps = sum(entry.length for entry in reader.entries)
        folder = context.folder / "replay"
        held = kept(folder)
        replay = Replay(folder, capacity=max(1, steps), slack=len(reader.entries))
        context.hub.start(counters(replay), Counters(env_steps=steps))
        figures: dict[str, float] = {}
        for entry in reader.entries:
            if entry.index not in held and self._add(reader, entry, replay, figures):
                context.hub.scalars(counters(replay), figures)
        return {**figures, "replay/steps": replay.steps, "replay/episodes": replay.episodes}

    def reader(self) -> EpisodeReader:
        """The reader of the dataset."""
        return EpisodeReader(
            self.root,
            camera=self.camera,
            size=self.size,
            action=self.action,
            low=self.action_low,
            high=self.action_high,
            terminal=self.terminal,
        )

    def _add(
        self, reader: EpisodeReader, entry: Entry, replay: Replay, figures: dict[str, float]
    ) -> bool:
        try:
            episode = reader.read(entry)
        except DamagedError as error:
            message = f"episode {entry.index} of {self.root}: {error.message}"
            if self.damaged == "refuse":
                hint = error.hint or 'fix it, or set damaged = "skip" to omit it'
                raise DamagedError(message, hint) from error
            warnings.warn(f"{message}; it is left out", stacklevel=2)
            return False
        replay.add(episode)
        figures.update(episode_figures(episode))
        return True


def counters(replay: Replay) -> Counters:
    """The progress of a replay; a frame of the dataset counts as one of a simulator."""
    return Counters(replay.steps, replay.steps, 0, replay.episodes)


def kept(folder: Path) -> set[int]:
    """The numbers of the episodes that a replay folder has."""
    index = Index.load(folder)
    return {record.number for record in index.records} if index else set()
