"""Where a run's figures and videos go: JSON lines, video files, the console, TensorBoard."""
