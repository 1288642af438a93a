"""YouTubeDriving, the driving videos of ACO (Zhang et al. 2022), as a dataset for wmframe."""
