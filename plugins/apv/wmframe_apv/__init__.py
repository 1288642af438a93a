"""APV for wmframe (Seo et al. 2022)."""
