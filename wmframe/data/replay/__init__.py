"""Replay of experience: complete episodes on disk, uniformly drawn windows out."""

from wmframe.data.replay.export import export_episode, live_episodes, load_episodes
from wmframe.data.replay.replay import Replay, rows_on_disk

__all__ = ["Replay", "export_episode", "live_episodes", "load_episodes", "rows_on_disk"]
