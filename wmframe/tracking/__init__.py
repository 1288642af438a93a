"""Trackers of metrics and videos: JSON lines, video files, the console, TensorBoard."""
