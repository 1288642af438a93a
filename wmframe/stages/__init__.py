"""Stages: plan a run and execute it; online, evaluate, collect, and what they share."""
