"""A one-file plugin for tests: a stage that trains an agent on data of its own."""

from __future__ import annotations

import attrs
import numpy as np
from gymnasium import spaces

from wmframe.config import Part, part, setting
from wmframe.interfaces.stage import LearnerSetup, Stage
from wmframe.plugin import Component, impl
from wmframe.stages.loop.specs import Specs
from wmframe.types import TensorSpec


@impl
def wmframe_components():
    yield Component("stage", "third.imitate", target="third:Imitate", config="third:ImitateConfig")


@attrs.frozen
class ImitateConfig:
    agent: Part = part("agent", help="who imitates")
    windows: int = setting(2, help="windows of a batch", minimum=1)


class Imitate(Stage):
    def __init__(self, config):
        self.config = config

    def execute(self, context):
        return {}

    def learner_setup(self):
        obs = {"image": TensorSpec((8, 8, 3), "uint8")}
        specs = Specs(obs, spaces.Box(-1, 1, (3,), np.float32))
        return LearnerSetup(self.config.agent, self.config.windows, 5, lambda: specs)
