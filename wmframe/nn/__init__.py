"""Layers, latents and distributions that two plugins or more share."""
