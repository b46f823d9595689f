"""``emoconv finetune``: a transformer becomes a teacher. Parses and prints; the rest is train."""

from __future__ import annotations

from pathlib import Path

import click

from emoconv.cli.reading import TableOptions, table_options
from emoconv.cli.training import Screen, device_option, read_part, targets_of, votes_options
from emoconv.errors import ConfigError

__all__ = ["finetune"]


@click.command()
@click.option(
    "--base",
    required=True,
    metavar="NAME",
    help="The encoder to start from: a folder, or a name on the Hugging Face Hub.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="A folder that holds train.tsv and dev.tsv, as `emoconv download` makes it.",
)
@votes_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where the teacher goes.",
)
@click.option("--epochs", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--batch-size", type=click.IntRange(min=1), default=48, show_default=True)
@click.option(
    "--learning-rate",
    type=click.FloatRange(min=0, min_open=True, max=1),
    default=1.5e-4,
    show_default=True,
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace a folder that is there.")
@device_option
@table_options
def finetune(
    *,
    base: str,
    data: Path,
    votes: Path | None,
    votes_weight: float,
    output: Path,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    overwrite: bool,
    device: str,
    table: TableOptions,
) -> None:
    """Fine-tune a transformer on labelled texts, to be a teacher for `emoconv distill`."""
    from emoconv.train.fine_tuning import FineTuning, fine_tune  # noqa: PLC0415 - imports torch
    from emoconv.train.placement import find_device  # noqa: PLC0415 - same

    if output.exists() and not overwrite:
        raise ConfigError(f"{output} is there already; give --overwrite to replace it")
    train = read_part(table, data, "train")
    dev = read_part(table, data, "dev", labels=train.labels)
    settings = FineTuning(
        epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, seed=seed
    )
    fine_tune(
        base,
        train=train,
        targets=targets_of(train, votes, votes_weight),
        dev=dev,
        settings=settings,
        output=output,
        observer=Screen(len(train)),
        device=find_device(device),
    )
    click.echo(str(output))
