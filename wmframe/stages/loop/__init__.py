"""Shared code of stages that act or learn: data, updates, metrics, scheduled checkpoints."""
