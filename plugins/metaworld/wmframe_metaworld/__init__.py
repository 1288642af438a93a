"""Meta-World for wmframe."""
