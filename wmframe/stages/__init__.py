"""Stages: planning and execution of runs; online, evaluate, collect, and shared code."""
