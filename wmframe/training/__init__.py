"""What every kind of training shares: optimizers, checkpoints and random state."""
