"""One simulator of a vector: its current episode, and recovery when its worker dies."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wmframe.envs.host import Host, WorkerDied
from wmframe.envs.rows import SharedRows
from wmframe.envs.seeding import episode_seed
from wmframe.envs.stepper import Begin, Scores
from wmframe.envs.worker import Hello
from wmframe.errors import SimulatorError

MAX_DEATHS: Final = 5
"""How often a simulator may die without finishing an episode."""

Vector = NDArray[np.float32]


class Slot:
    """Keeps track of one simulator.

    Attributes:
        index: its row among its fellows'.
        number: its number among those of all processes, which its seeds depend on.
        episode: the number of its episode; -1 before the first.
        over: whether that episode has ended, so that the next turn begins another.
        restarts: how often its worker was replaced.
    """

    def __init__(self, host: Host, index: int, seed: int, number: int) -> None:
        self._host, self.index, self._seed, self.number = host, index, seed, number
        self.episode, self.over, self.restarts = -1, True, 0
        self._actions: list[Vector] = []
        self._deaths = 0

    def hello(self) -> Hello:
        """Wait until the simulator is built; a worker that dies meanwhile is replaced.

        Raises:
            SimulatorError: it cannot be built, hangs or keeps dying.
        """
        while True:
            try:
                return self._host.hello()
            except WorkerDied as death:
                if death.hung:
                    raise self._failed(f"{death} while it was built") from death
                self._replace(death, "while it was built")

    def attach(self, rows: SharedRows) -> None:
        """Say where its rows go."""
        self._rows = rows
        self._host.attach(rows, self.index)

    def post(self, action: Vector | None) -> None:
        """Step, or begin the next episode when ``action`` is None."""
        if action is not None:
            vector = np.array(action, np.float32)
            self._actions.append(vector)
            return self._host.post(vector)
        self.episode += 1
        self.over = False
        self._actions = []
        seed, following = (
            episode_seed(self._seed, self.number, episode)
            for episode in (self.episode, self.episode + 1)
        )
        return self._host.post(Begin(seed, following))

    def collect(self) -> Scores:
        """Wait for the row; a worker that died is replaced and begins the next episode.

        Raises:
            SimulatorError: the simulator raised, or keeps dying.
        """
        scores = self._host_scores()
        self.over = bool(self._rows.arrays["is_last"][self.index])
        if self.over:
            self._deaths = 0
        return scores

    def _host_scores(self) -> Scores:
        while True:
            try:
                return self._host.wait()
            except WorkerDied as death:
                self._replace(death, "without finishing an episode")
                self.post(None)
            except SimulatorError as error:
                raise self._placed(error) from error

    def _replace(self, death: WorkerDied, when: str) -> None:
        self._deaths += 1
        self.restarts += 1
        if self._deaths >= MAX_DEATHS:
            raise self._failed(f"{death}, {MAX_DEATHS} times {when}") from death
        self._host.restart()

    def row(self) -> dict[str, NDArray[Any]]:
        """A copy of the row as it is now."""
        return {key: array[self.index].copy() for key, array in self._rows.arrays.items()}

    def state(self) -> dict[str, Any]:
        """The episode, and the actions [T, A] since its reset."""
        width = self._rows.arrays["action"].shape[1]
        actions = np.array(self._actions, np.float32).reshape(-1, width)
        return {"episode": self.episode, "over": self.over, "actions": actions}

    def plan(self, state: dict[str, Any], replays: bool) -> list[Vector | None]:
        """What to post, in order, to be where :meth:`state` was taken.

        Args:
            state: from :meth:`state`.
            replays: whether the same actions give the same episode; if not, begin the next one.
        """
        self.episode, self.over = state["episode"], state["over"]
        if self.over:
            for array in self._rows.arrays.values():
                array[self.index] = 0
            self._rows.arrays["is_last"][self.index] = True
            return []
        if not replays:
            return [None]
        self.episode -= 1  # beginning it counts it again
        return [None, *np.asarray(state["actions"], np.float32)]

    def dismiss(self) -> None:
        """Ask the simulator to end, without waiting."""
        self._host.dismiss()

    def close(self, patience: float) -> None:
        """See that the simulator ends within so many seconds."""
        self._host.close(patience)

    def _placed(self, error: SimulatorError) -> SimulatorError:
        """The same, with the place where it happened."""
        where = f"simulator {self.number}, episode {self.episode}, step {len(self._actions)}"
        placed = SimulatorError(f"{where}: {error.message}", error.hint)
        for note in getattr(error, "__notes__", ()):
            placed.add_note(note)
        return placed

    def _failed(self, what: str) -> SimulatorError:
        hint = "run: wmframe doctor, or set processes = false to see what the simulator prints"
        return SimulatorError(f"simulator {self.number} {what}", hint)
