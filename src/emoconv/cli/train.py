"""``emoconv train``: a model from labelled texts. Parses and prints; the work is in train."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.cli.reading import TableOptions, table_options
from emoconv.cli.training import Run, read_part, run_options, targets_of, votes_options
from emoconv.data import blog_split, part_path, split_by_group

if TYPE_CHECKING:
    from emoconv.data import Dataset

__all__ = ["read_parts", "train"]


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A folder that holds train.tsv and dev.tsv, as `emoconv download` makes it.",
)
@click.option(
    "--train",
    "train_files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Or a file to learn from. Can be given again: the files are taken together.",
)
@click.option(
    "--dev",
    "dev_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Validation data; by default a tenth of the comments in the --train file.",
)
@click.option(
    "--protocol",
    type=click.Choice(["blog"]),
    help="blog: split the --train file 80/20 at random and validate on the test rows, as the 2020 "
    "post did; its figures flatter, and are for comparison only.",
)
@votes_options
@run_options(recipe="small")
@table_options
def train(
    *,
    data: Path | None,
    train_files: tuple[Path, ...],
    dev_file: Path | None,
    protocol: str | None,
    votes: Path | None,
    votes_weight: float,
    run: Run,
    table: TableOptions,
) -> None:
    """Train a model on labelled texts and write it as a folder.

    A run that was cut off goes on from its last epoch when the same command is given again.
    """
    config = run.config()
    parts = read_parts(
        table,
        data=data,
        train_files=train_files,
        dev_file=dev_file,
        protocol=protocol,
        seed=config.training.seed,
    )
    run.train(
        *parts,
        config=config,
        targets=targets_of(parts[0], votes, votes_weight),
        dev_name=_dev_name(data, dev_file, protocol),
    )


def read_parts(
    table: TableOptions,
    *,
    data: Path | None,
    train_files: tuple[Path, ...],
    dev_file: Path | None,
    protocol: str | None,
    seed: int,
) -> tuple[Dataset, Dataset]:
    """Return what to learn from and what to validate on.

    Args:
        table: How files are read.
        data: A folder of both.
        train_files: Or what to learn from.
        dev_file: Beside it, what to validate on; None draws a tenth of the comments.
        protocol: ``"blog"`` for the 2020 post's split; None for none.
        seed: Draws what is drawn.
    """
    if (data is None) == (not train_files):
        raise click.UsageError("give either --data FOLDER or --train FILE")
    if data is not None:
        if dev_file is not None or protocol is not None:
            raise click.UsageError("--dev and --protocol go with --train, not with --data")
        whole = read_part(table, data, "train")
        return whole, read_part(table, data, "dev", labels=whole.labels)
    whole = table.read(*train_files)
    if dev_file is not None:
        if protocol is not None:
            raise click.UsageError("--protocol blog makes its own split; leave out --dev")
        return whole, table.read(dev_file, labels=whole.labels)
    if protocol is None:
        parts = split_by_group(whole, fractions={"train": 0.9, "dev": 0.1}, seed=seed)
        return parts["train"], parts["dev"]
    split = blog_split(whole, seed=seed)
    click.echo(
        f"--protocol blog: {split.siblings:,} of {len(split.test):,} test rows have a sibling "
        "among the rows to learn from, and the test rows steer the training; do not report "
        "these figures as accuracy",
        err=True,
    )
    return split.train, split.test


def _dev_name(data: Path | None, dev_file: Path | None, protocol: str | None) -> str:
    if protocol is not None:
        return "the blog protocol's test rows"
    if data is not None:
        return part_path(data, "dev").name
    return "a tenth of the comments" if dev_file is None else dev_file.name
