"""Evaluation of trained models: loading, rollouts, held-out clips, predictions as images."""
