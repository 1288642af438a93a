"""Names, settings and checkpoints of the reference implementation (thuml/ContextWM)."""
