"""What the data doctor found, as lines for a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emoconv.doctor.cleaning import Removal
    from emoconv.doctor.examination import Examination

__all__ = ["examination_lines", "removal_lines"]

_SHOWN_LINES = 10  # of the removed rows of one kind
_TEXT_WIDTH = 60
_WHY = {
    "leak": "known from other data",
    "suspect": "labels likely wrong",
    "conflict": "labels that contradict an equal text's",
    "duplicate": "text and labels of an earlier row",
}


def examination_lines(file: str, found: Examination, *, top: int) -> Iterator[str]:
    """Yield the readable report.

    Args:
        file: Its name.
        found: What was found in it.
        top: How many of the suspects are shown.
    """
    from emoconv.report import Table  # noqa: PLC0415 - help needs no tables

    part = found.summary
    yield (
        f"{file}: {part.rows:,} rows, {part.rows_without_label:,} without a label, "
        f"{part.empty_texts:,} with an empty text\n"
    )
    counts = sorted(part.label_counts.items(), key=lambda item: -item[1])
    labels = ((name, f"{n:,}", f"{100 * n / part.rows:.1f} %") for name, n in counts)
    yield Table(("label", "rows", "share"), tuple(labels)).text() + "\n"
    repeats = (
        (match, *(f"{n:,}" for n in one.to_dict().values())) for match, one in found.repeats.items()
    )
    header = ("repeated texts", "agreeing", "needless rows", "contradicting", "their rows")
    yield Table(header, tuple(repeats)).text() + "\n"
    if found.overlaps:
        columns = ("rows known from", "by id", "by text", "by normalised text")
        known = (
            (one.first, f"{one.ids:,}", f"{one.texts:,}", f"{one.normalised_texts:,}")
            for one in found.overlaps
        )
        yield Table(columns, tuple(known)).text() + "\n"
    if found.suspects is not None:
        shown = found.suspects[:top]
        which = f"; the worst {len(shown):,}:" if shown else ""
        yield f"{len(found.suspects):,} rows whose labels are likely wrong{which}"
        for one in shown:
            given, suggested = (", ".join(names) or "none" for names in (one.given, one.suggested))
            line = found.lines[one.row]
            yield f"  line {line}: {given} -> {suggested} ({one.score:.3f})  {_short(one.text)}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_WIDTH else text[: _TEXT_WIDTH - 1] + "…"


def removal_lines(clean: str, found: Examination, removed: Sequence[Removal]) -> Iterator[str]:
    """Yield how many rows a copy lacks, why, and where the first of them are.

    Args:
        clean: The copy's name.
        found: Of the file that it is a copy of.
        removed: What it lacks.
    """
    yield f"{clean}: {found.summary.rows - len(removed):,} rows; {len(removed):,} left out"
    for why, count in Counter(one.why for one in removed).items():
        lines = [str(found.lines[one.row]) for one in removed if one.why == why]
        more = ", ... (all of them: --json)" if count > _SHOWN_LINES else ""
        yield f"  {count:,}, {_WHY[why]}: line {', '.join(lines[:_SHOWN_LINES])}{more}"
