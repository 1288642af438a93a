"""Something-Something V2 (Goyal et al. 2017) as a dataset for wmframe."""
