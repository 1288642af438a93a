"""``wmframe bench``: how fast things are here, in figures that others can measure as well."""
