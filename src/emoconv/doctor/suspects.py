"""Rows whose labels are likely wrong, found by cleanlab from held-out probabilities.

The method is confident learning (Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating
Uncertainty in Dataset Labels", https://arxiv.org/abs/1911.00068), label by label; rows are ranked
as by Thyagarajan et al. 2022, "Identifying Incorrect Annotations in Multi-Label Classification
Data", https://arxiv.org/abs/2211.13895. Both as cleanlab does by default but for one setting,
``adjust_pred_probs``: a label's probability is judged by what the label usually gets where it is
given. Without it the worst rows are those that have several labels of which no model is ever sure;
of GoEmotions' worst hundred half as many were found wrong (``dev/LOG.md``).
"""

from __future__ import annotations

import csv
import io
import json
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emoconv.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.data import Dataset

__all__ = ["REPORT_ENDINGS", "Suspect", "check_report", "find_suspects", "write_suspects"]

REPORT_ENDINGS = (".csv", ".json")
_COLUMNS = ("line", "score", "given", "suggested", "text")


@dataclass(frozen=True)
class Suspect:
    """A row with a label too many or too few, by what held-out models say.

    Args:
        row: Its place, from 0.
        text: Its text.
        given: Its labels.
        suggested: Its labels with the doubtful ones changed: taken away where they are given, added
            where they are not. It may be none.
        score: cleanlab's label quality, 0 (surely wrong) to 1.
    """

    row: int
    text: str
    given: tuple[str, ...]
    suggested: tuple[str, ...]
    score: float

    def to_dict(self, lines: Sequence[int]) -> dict[str, object]:
        """Return plain values for JSON.

        Args:
            lines: The line of each row of the data set.
        """
        values = (lines[self.row], round(self.score, 6), self.given, self.suggested, self.text)
        return dict(zip(_COLUMNS, values, strict=True))


def find_suspects(dataset: Dataset, probabilities: NDArray[np.float32]) -> tuple[Suspect, ...]:
    """Find rows whose labels are likely wrong, the worst first.

    A label of a row is doubted by cleanlab's ``find_multilabel_issues_per_class`` (it prunes by
    noise rate), and a row's score is its ``get_label_quality_scores`` (the exponential moving
    average of the labels' adjusted self-confidences, weight 0.8).

    Args:
        dataset: N labelled texts.
        probabilities: float32 (N, L) in [0, 1] of models that did not see the text.

    Returns:
        The rows with a doubted label.

    Raises:
        MissingExtraError: cleanlab is not installed.
        DataError: The shapes differ, or there are no rows.
    """
    if probabilities.shape != dataset.y.shape or not len(dataset):
        raise DataError(
            f"{len(dataset):,} rows with {len(dataset.labels)} labels need probabilities of shape "
            f"{dataset.y.shape}, got {probabilities.shape}"
        )
    doubted, scores = _by_cleanlab(dataset.y, probabilities)
    rows = np.flatnonzero(doubted.any(axis=1))
    rows = rows[np.argsort(scores[rows], kind="stable")]
    given = dataset.labels.decode(dataset.y[rows])
    suggested = dataset.labels.decode(dataset.y[rows] ^ doubted[rows])
    return tuple(
        Suspect(row, dataset.texts[row], given[place], suggested[place], float(scores[row]))
        for place, row in enumerate(rows.tolist())
    )


def _by_cleanlab(
    y: NDArray[np.bool_], probabilities: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which labels are doubted, bool (N, L), and the rows' scores, float64 (N,)."""
    try:
        from cleanlab.multilabel_classification import filter as issues  # noqa: PLC0415 - an extra
        from cleanlab.multilabel_classification import rank  # noqa: PLC0415 - same
    except ModuleNotFoundError:
        raise MissingExtraError("finding likely wrong labels", extra="doctor") from None

    given = [np.flatnonzero(row).tolist() for row in y]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rare labels it says that it may not find everything
        doubted = issues.find_multilabel_issues_per_class(given, probabilities, n_jobs=1)
        scores = rank.get_label_quality_scores(given, probabilities, adjust_pred_probs=True)
    return np.asarray(doubted, dtype=np.bool_), np.asarray(scores, dtype=np.float64)


def check_report(path: Path) -> None:
    """Check that a report may have that name, before anything else is done.

    Raises:
        DataError: It ends neither in .csv nor in .json.
    """
    if path.suffix not in REPORT_ENDINGS:
        raise DataError(
            f"the report of suspects is CSV or JSON; expected {' or '.join(REPORT_ENDINGS)}",
            path=path,
        )


def write_suspects(path: Path, suspects: Sequence[Suspect], lines: Sequence[int]) -> None:
    """Write suspects as a table, beside its place first, then move it there.

    The columns are line, score, given, suggested (names with commas between them, lists in
    JSON) and text.

    Args:
        path: A .csv or .json file; one that is there is replaced.
        suspects: In their order.
        lines: The line of each row of the data set.

    Raises:
        DataError: The ending is another.
    """
    check_report(path)
    objects = [one.to_dict(lines) for one in suspects]
    if path.suffix == ".json":
        content = json.dumps(objects, indent=1, ensure_ascii=False) + "\n"
    else:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for one, suspect in zip(objects, suspects, strict=True):
            names = {key: ",".join(getattr(suspect, key)) for key in ("given", "suggested")}
            writer.writerow((one | names).values())
        content = out.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(content, encoding="utf-8", newline="")
    unfinished.replace(path)
