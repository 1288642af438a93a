"""ContextWM for wmframe (Wu et al. 2023)."""
