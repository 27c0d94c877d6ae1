"""Sphinx's settings. ``make docs`` builds the site; every warning is an error."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import gramian

project = "gramian"
author = "the gramian developers"
copyright = "2026, the gramian developers"
version = release = gramian.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "api_pages", "docstrings"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
default_role = "code"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings give types, with shapes
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # the pages list members themselves
numpydoc_class_members_toctree = False

html_theme = "furo"
html_title = f"gramian {release}"
