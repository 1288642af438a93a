"""DreamerV3 (Hafner et al. 2023, arXiv 2301.04104)."""
