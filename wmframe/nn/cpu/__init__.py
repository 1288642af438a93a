"""Kernels for the CPU: the same numbers as torch's to rounding, in less time."""
