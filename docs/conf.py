"""Settings of the documentation: ``sphinx-build -W -b html docs docs/_build``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import emoconv

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "emoconv"
author = "The emoconv maintainers"
copyright = "2026, the emoconv maintainers"  # noqa: A001 - Sphinx's name
version = release = emoconv.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
default_role = "py:obj"  # `name` in a docstring leads to what it names
highlight_language = "none"  # a block that is code says in which language
myst_heading_anchors = 3
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # attributes as a list, or those of a named tuple would be there twice
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"emoconv {version}"
html_static_path = ["_static"]
html_css_files = ["emoconv.css"]


def is_field_of_a_named_tuple(*event: object) -> bool | None:
    """Leave fields out of the members of a class: its docstring has said what they are.

    Args:
        event: The application, what is documented, the member's name and the member; and more.
    """
    member = event[3]
    return True if type(member).__name__ == "_tuplegetter" else None


def setup(app: Sphinx) -> None:
    """Join what Sphinx does."""
    app.connect("autodoc-skip-member", is_field_of_a_named_tuple)
