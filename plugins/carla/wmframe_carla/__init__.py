"""Driving in the CARLA simulator for wmframe."""
