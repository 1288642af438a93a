"""Recipes: TOML files to checked, typed settings, with the origin of every value."""

from __future__ import annotations

from wmframe.recipe.dump import differences, dump_recipe, fingerprint, resolved
from wmframe.recipe.explain import Explanation, explain
from wmframe.recipe.load import load_recipe
from wmframe.recipe.model import Recipe
from wmframe.recipe.schema import schema
from wmframe.recipe.structure import structure_part

__all__ = [
    "Explanation",
    "Recipe",
    "differences",
    "dump_recipe",
    "explain",
    "fingerprint",
    "load_recipe",
    "resolved",
    "schema",
    "structure_part",
]
