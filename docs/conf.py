"""Settings of the documentation: ``sphinx-build -W -b html docs docs/_build``."""

import emoconv

project = "emoconv"
author = "The emoconv maintainers"
copyright = "2026, the emoconv maintainers"  # noqa: A001 - Sphinx's name
version = release = emoconv.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
napoleon_numpy_docstring = False
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = f"emoconv {version}"
