"""Sweeps: one recipe over seeds and settings, each cell of the grid a run in its own process."""
