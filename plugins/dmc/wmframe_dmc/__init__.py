"""The DeepMind Control Suite for wmframe."""
