"""RLBench episodes as a video dataset for wmframe."""
