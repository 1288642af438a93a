"""Environments: action codecs, worker processes and off-screen rendering."""
