"""Any Gymnasium environment for wmframe."""
