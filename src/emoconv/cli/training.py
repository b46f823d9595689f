"""What the commands that train share: what to learn from, and a view of the progress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import numpy as np

from emoconv.data import part_path, read_official, read_votes
from emoconv.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from emoconv.cli.reading import TableOptions
    from emoconv.data import Dataset
    from emoconv.labels import LabelSet

__all__ = ["Screen", "read_part", "targets_of", "votes_options"]

Result = TypeVar("Result")


class Screen:
    """Shows a run's progress on standard error: a bar for each epoch, then its row.

    Args:
        texts: How many an epoch has.
        unit: What the bar counts.
    """

    def __init__(self, texts: int, *, unit: str = "text") -> None:
        self._texts, self._unit = texts, unit
        self._bar: Any = None  # tqdm has no types

    def message(self, text: str) -> None:
        """Print one line."""
        click.echo(text, err=True)

    def advance(self, texts: int) -> None:
        """Move the bar on by so many texts."""
        from tqdm import tqdm  # noqa: PLC0415 - only with training

        if self._bar is None:
            self._bar = tqdm(
                total=self._texts, unit=self._unit, leave=False, mininterval=0.5, disable=None
            )
        self._bar.update(texts)

    def batch(self, texts: int, loss: float) -> None:
        """Move the bar on, and show the mean loss so far."""
        self.advance(texts)
        self._bar.set_postfix(loss=f"{loss:.4f}", refresh=False)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None

    def epoch(self, row: dict[str, float]) -> None:
        """Take the bar away and print an epoch's row."""
        self.close()
        click.echo(
            f"epoch {row['epoch']:.0f}: loss {row['train_loss']:.4f}, dev loss "
            f"{row['dev_loss']:.4f}, micro F1 {row['dev_micro_f1']:.3f}, macro F1 "
            f"{row['dev_macro_f1']:.3f}, {row['seconds']:.1f} s",
            err=True,
        )


def read_part(
    table: TableOptions, folder: Path, part: str, *, labels: LabelSet | None = None
) -> Dataset:
    """Read a part of a folder: the official format unless another is named."""
    path = part_path(folder, part)
    if table.format is None and not table.names_columns:
        return read_official(path)
    return table.read(path, labels=labels)


def votes_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command the options ``--votes`` and ``--votes-weight``."""
    weight = click.option(
        "--votes-weight",
        type=click.FloatRange(0, 1),
        default=0.5,
        show_default=True,
        help="Share of the votes in what is learnt from labelled texts; the rest is the labels'.",
    )
    file = click.option(
        "--votes",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="How many raters gave each label, as `emoconv data votes` writes it.",
    )
    return file(weight(command))


def targets_of(train: Dataset, votes: Path | None, weight: float) -> NDArray[np.float32]:
    """Return what to answer to the texts, float32 (N, L): labels, or labels and votes.

    Raises:
        DataError: The file of votes is not as expected, or has none for these texts.
    """
    labels = train.y.astype(np.float32)
    if votes is None:
        return labels
    blended = read_votes(votes, train.labels).blend(train, weight=weight)
    changed = int((blended != labels).any(axis=1).sum())
    if not changed and weight > 0:
        raise DataError("no text to learn from has votes that differ from its labels", path=votes)
    click.echo(f"votes change what is learnt from {changed:,} of {len(train):,} texts", err=True)
    return blended
