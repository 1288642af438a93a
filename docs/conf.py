"""Sphinx configuration; the command-line reference is generated from the program itself."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from cli_reference import write_cli_reference

import wmframe

project = "wmframe"
author = "the wmframe authors"
release = wmframe.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "wmframe"
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
autodoc_typehints = "description"
autodoc_member_order = "bysource"
suppress_warnings = ["ref.python", "ref.ref"]

write_cli_reference(Path(__file__).parent / "reference" / "cli.md")
