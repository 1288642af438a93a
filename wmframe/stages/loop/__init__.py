"""What stages that act or learn share: data in, updates, figures and checkpoints on schedule."""
