"""Atari 2600 games for wmframe."""
