"""The page itself: templates filled in, and written where they are wanted.

Everything that is not ours, texts above all, is escaped. A content security policy in the page
forbids whatever the page does not need: any address, and any script but its own.
"""

from __future__ import annotations

import base64
import hashlib
import operator
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from emoconv.errors import MissingExtraError
from emoconv.report.page.content import page_content
from emoconv.version import __version__

try:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
except ImportError as error:
    raise MissingExtraError("the report", extra="report") from error

if TYPE_CHECKING:
    from os import PathLike

    from emoconv.report.page.subject import Subject

__all__ = ["render_page", "write_page"]

_PACKAGE = "emoconv.report.page"


def write_page(path: str | PathLike[str], subject: Subject, *, made_on: date | None = None) -> None:
    """Write a page beside its place, then move it there.

    Args:
        path: The file; its folder is made when missing.
        subject: What the page is about.
        made_on: As `render_page`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(render_page(subject, made_on=made_on), encoding="utf-8", newline="\n")
    unfinished.replace(path)


def render_page(subject: Subject, *, made_on: date | None = None) -> str:
    """Return a page as HTML; of the same subject and date the same, character for character.

    Args:
        subject: What it is about.
        made_on: The date that it bears; None for today's, in UTC.
    """
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"rate": _rate, "count": _count, "signed": _signed}
    environment.globals["get"] = operator.attrgetter
    script = _file("sort.js")
    page = environment.get_template("page.html").render(
        **page_content(subject),
        style=Markup(_file("style.css")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - same
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        made_on=made_on or datetime.now(UTC).date(),
        version=__version__,
    )
    # What UTF-8 cannot hold, half of a surrogate pair, is shown as what it is not: a character.
    return page.encode("utf-8", "replace").decode("utf-8")


def _file(name: str) -> str:
    return (resources.files(_PACKAGE) / "templates" / name).read_text(encoding="utf-8")


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _count(value: int) -> str:
    return f"{value:,}"


def _signed(value: float) -> str:
    """Return a number with its sign; a true minus, which is as wide as a plus."""
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
