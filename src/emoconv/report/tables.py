"""Figures as tables: aligned text for a terminal, Markdown for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emoconv.metrics import Evaluation, Interval, Scores
    from emoconv.thresholds import SweepRow

__all__ = [
    "Table",
    "average_table",
    "evaluation_markdown",
    "evaluation_text",
    "label_table",
    "measure_table",
    "sweep_table",
    "sweep_text",
]


@dataclass(frozen=True)
class Table:
    """Cells of text: the first column reads from the left, the others are figures.

    Args:
        header: The columns' names.
        rows: One cell for each column.

    Example:
        >>> print(Table(("label", "F1"), (("joy", "0.5"), ("gratitude", "0.25"))).text())
        label        F1
        ---------------
        joy         0.5
        gratitude  0.25
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """Return aligned lines, two spaces between columns, a rule under the header."""
        lines = [self._align(row, separator="  ") for row in (self.header, *self.rows)]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])

    def markdown(self) -> str:
        """Return a Markdown table whose source is aligned too."""
        first, *others = self._widths()
        rule = "|".join(["", "-" * (first + 2), *("-" * (w + 1) + ":" for w in others), ""])
        lines = [f"| {self._align(row, separator=' | ')} |" for row in (self.header, *self.rows)]
        return "\n".join([lines[0], rule, *lines[1:]])

    def _widths(self) -> list[int]:
        return [max(map(len, column)) for column in zip(self.header, *self.rows, strict=True)]

    def _align(self, row: tuple[str, ...], *, separator: str) -> str:
        first, *others = self._widths()
        figures = [cell.rjust(width) for cell, width in zip(row[1:], others, strict=True)]
        return separator.join([row[0].ljust(first), *figures])


def evaluation_text(evaluation: Evaluation) -> str:
    """Return labels, averages and other measures as aligned lines for a terminal."""
    return "\n\n".join(table.text() for table in _tables(evaluation))


def evaluation_markdown(evaluation: Evaluation) -> str:
    """Return labels, averages and other measures as Markdown tables."""
    return "\n\n".join(table.markdown() for table in _tables(evaluation))


def sweep_text(rows: Sequence[SweepRow]) -> str:
    """Return a sweep as aligned lines for a terminal."""
    return sweep_table(rows).text()


def _tables(evaluation: Evaluation) -> tuple[Table, ...]:
    return label_table(evaluation), average_table(evaluation), measure_table(evaluation)


def label_table(evaluation: Evaluation) -> Table:
    """Return what is said of each label, in label order.

    The interval and the cut have a column where the evaluation has them.
    """
    with_interval = evaluation.micro.f1_interval is not None
    with_cut = any(scores.threshold is not None for scores in evaluation.per_label)
    header = ["label", "precision", "recall", "F1", *(["95 % interval"] if with_interval else [])]
    header += ["AP", "ECE", *(["cut"] if with_cut else []), "predicted", "support"]
    rows = []
    for scores in evaluation.per_label:
        row = [scores.label, *_rates(scores, with_interval=with_interval)]
        row += [_rate(scores.average_precision), _rate(scores.calibration_error)]
        row += ["-" if scores.threshold is None else _rate(scores.threshold)] if with_cut else []
        rows.append((*row, f"{scores.predicted:,}", f"{scores.support:,}"))
    return Table(tuple(header), tuple(rows))


def average_table(evaluation: Evaluation) -> Table:
    """Return the micro, macro and weighted averages."""
    with_interval = evaluation.micro.f1_interval is not None
    header = ("average", "precision", "recall", "F1", *(["95 % interval"] * with_interval))
    averages = {name: getattr(evaluation, name) for name in ("micro", "macro", "weighted")}
    rows = ((n, *_rates(s, with_interval=with_interval)) for n, s in averages.items())
    return Table(header, tuple(rows))


def measure_table(evaluation: Evaluation) -> Table:
    """Return the measures that are one number for all labels."""
    return Table(
        ("measure", "value"),
        (
            ("texts", f"{evaluation.n:,}"),
            ("labels", f"{len(evaluation.per_label):,}"),
            ("subset accuracy", _rate(evaluation.subset_accuracy)),
            ("Hamming loss", f"{evaluation.hamming_loss:.4f}"),
            ("mean average precision", _rate(evaluation.average_precision)),
            ("log loss", f"{evaluation.log_loss:.4f}"),
            ("expected calibration error", f"{evaluation.calibration_error:.4f}"),
        ),
    )


def sweep_table(rows: Sequence[SweepRow]) -> Table:
    """Return precision, recall and F1 at each shared cut, micro and macro."""
    rates = ("precision", "recall", "F1")
    header = ("cut", *(f"{average} {rate}" for average in ("micro", "macro") for rate in rates))
    return Table(
        header,
        tuple(
            (
                f"{row.cut:.2f}",
                *_rates(row.micro, with_interval=False),
                *_rates(row.macro, with_interval=False),
            )
            for row in rows
        ),
    )


def _rates(scores: Scores, *, with_interval: bool) -> list[str]:
    cells = [_rate(value) for value in (scores.precision, scores.recall, scores.f1)]
    return [*cells, _interval(scores.f1_interval)] if with_interval else cells


def _interval(interval: Interval | None) -> str:
    return "-" if interval is None else f"{_rate(interval.low)} to {_rate(interval.high)}"


def _rate(value: float) -> str:
    return f"{value:.3f}"
