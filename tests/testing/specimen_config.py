"""Settings of the specimens, and some that break the rules."""

from __future__ import annotations

import attrs

from wmframe.config import setting


@attrs.frozen
class SuiteConfig:
    action_repeat: int = setting(2, help="frames a decision", minimum=1)
    time_limit: int = setting(100, help="frames an episode", minimum=1)


@attrs.define
class MutableConfig:
    size: int = setting(1, help="pixels")


@attrs.frozen
class SilentConfig:
    size: int = 1


class PlainConfig:
    size = 1
