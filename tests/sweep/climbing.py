"""A one-file plugin for tests: a stage that records evaluations, waits, goes on, and fails."""

from __future__ import annotations

import time
from pathlib import Path

import attrs

from wmframe.config import part, setting
from wmframe.errors import MissingError
from wmframe.interfaces import EnvSuite
from wmframe.interfaces.stage import Stage
from wmframe.plugin import Component, impl
from wmframe.types import Counters


@impl
def wmframe_components():
    yield Component(
        "stage", "climbing.climb", target="climbing:Climb", config="climbing:ClimbConfig"
    )
    yield Component("suite", "climbing.hill", target="climbing:Hill", config="climbing:HillConfig")


@attrs.frozen
class HillConfig:
    task: str = setting(help="which hill", choices=("low", "high"))


@attrs.frozen
class ClimbConfig:
    suite: object = part("suite", help="the hill")
    steps: int = setting(3, help="evaluations", minimum=1)
    gain: float = setting(1.0, help="return a step")
    pause: float = setting(0.0, help="seconds a step")
    broken: tuple[str, ...] = setting((), help="tasks that fail")
    mend: str = setting("", help="a file that, once it is there, lets nothing fail")
    warmup: float = setting(0.5, help="names end as in another table")


class Hill(EnvSuite):
    def __init__(self, task):
        self.height = {"low": 1.0, "high": 10.0}[task]
        self.task = task

    def tasks(self):
        return ("low", "high")

    def make(self, mode="train"):
        raise NotImplementedError


class Climb(Stage):
    """Its checkpoint is a file with the number of the last step."""

    def __init__(self, suite, steps, gain, pause, broken, mend, warmup):
        self.suite, self.steps, self.gain, self.pause = suite.build(), steps, gain, pause
        self.broken, self.mend = broken, mend

    def execute(self, context):
        saved = context.folder / "step"
        begin = int(saved.read_text()) if saved.exists() else 0
        context.hub.start(Counters(env_steps=begin), Counters(env_steps=self.steps))
        with (context.folder / "begins").open("a") as file:
            file.write(f"{begin}\n")
        for step in range(begin + 1, self.steps + 1):
            time.sleep(self.pause)
            value = self.suite.height * self.gain * step + context.seed
            figures = {"eval/return_mean": value, "eval/success_mean": step / self.steps}
            context.hub.scalars(Counters(env_steps=step), figures)
            saved.write_text(str(step))
            if self.suite.task in self.broken and not (self.mend and Path(self.mend).exists()):
                raise MissingError("the path is gone", "mend it")
        return {}
