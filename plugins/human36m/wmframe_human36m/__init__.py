"""Human3.6M as a video dataset for wmframe."""
