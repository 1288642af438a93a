"""DreamerV2 for wmframe (Hafner et al. 2020)."""
