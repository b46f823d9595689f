"""``emoconv train``: a model from labelled texts. Parses and prints; the work is in train."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emoconv.cli.reading import TableOptions, table_options
from emoconv.cli.training import Run, read_part, run_options, targets_of, votes_options
from emoconv.data import blog_split, part_path, split_by_group
from emoconv.data import stream as streamed

if TYPE_CHECKING:
    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.train.placement import Placement

__all__ = ["read_parts", "train"]

_HELD_OUT = 0.1  # of the comments, where no validation data is named


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
@click.option(
    "--stream",
    is_flag=True,
    help="For data larger than memory: read --train, which is Parquet, in pieces, and keep what is "
    "made of it in a folder beside the output until the model is there.",
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
    stream: bool,
    votes: Path | None,
    votes_weight: float,
    run: Run,
    table: TableOptions,
) -> None:
    """Train a model on labelled texts and write it as a folder.

    A run that was cut off goes on from its last epoch when the same command is given again. Several
    processes train one model when torchrun starts them: torchrun --nproc-per-node 2 -m emoconv
    train ...
    """
    if stream and (data is not None or protocol is not None or votes is not None):
        raise click.UsageError("--stream goes with --train, and not with --protocol or --votes")
    if stream and not train_files:
        raise click.UsageError("give --train FILE.parquet to stream")
    with run.placed(together=True) as placement:
        config = run.config()
        if stream:
            _train_streamed(
                run,
                placement=placement,
                config=config,
                table=table,
                train_files=train_files,
                dev_file=dev_file,
            )
            return
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
            placement=placement,
            targets=targets_of(parts[0], votes, votes_weight),
            dev_name=_dev_name(data, dev_file, protocol),
        )


def _train_streamed(
    run: Run,
    *,
    placement: Placement,
    config: Config,
    table: TableOptions,
    train_files: tuple[Path, ...],
    dev_file: Path | None,
) -> None:
    """Train on Parquet files that memory need not hold."""
    from emoconv.train import preparation_of  # noqa: PLC0415 - imports torch

    with run.room(placement) as room:
        learnt, held = streamed(
            table.parquet(*train_files),
            room,
            held_out=_HELD_OUT if dev_file is None else 0.0,
            seed=config.training.seed,
        )
        run.train(
            learnt,
            held if dev_file is None else table.read(dev_file, labels=learnt.labels),
            config=config,
            placement=placement,
            preparation=preparation_of(learnt, vector_files=run.vectors, folder=room),
            dev_name=_dev_name(None, dev_file, None),
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
        parts = split_by_group(
            whole, fractions={"train": 1 - _HELD_OUT, "dev": _HELD_OUT}, seed=seed
        )
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
