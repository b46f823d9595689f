"""``emoconv distill``: a small model from large teachers. Parses and prints; the rest is train."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from emoconv.cli.reading import TableOptions, table_options
from emoconv.cli.training import Run, Screen, read_part, run_options, targets_of, votes_options
from emoconv.data import part_path, read_texts, without_held_out
from emoconv.errors import DataNotFoundError

__all__ = ["distill"]


@click.command()
@click.option(
    "--teacher",
    "teachers",
    required=True,
    multiple=True,
    metavar="NAME",
    help="A folder of `emoconv finetune` or of transformers, a name on the Hugging Face Hub, or a "
    "model of `emoconv train`. Can be given again: their log-odds are averaged.",
)
@click.option(
    "--texts",
    "text_files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Texts without labels: .txt with one a line, or a table; .gz may follow. Can be given "
    "again.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="At most N of those texts, drawn at random.",
)
@click.option(
    "--scout",
    metavar="NAME",
    help="A model of `emoconv train` that reads all texts first; half of the N are then those of "
    "which it expects the most labels, rare ones counting more.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="A folder that holds train.tsv and dev.tsv, as `emoconv download` makes it; texts that "
    "equal one of dev.tsv or test.tsv are left out.",
)
@votes_options
@click.option(
    "--label-map",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON from the teachers' labels to yours, or to null, when the names differ.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the teachers' answers are kept; by default OUTPUT.answers. With the same folder "
    "another run asks nothing twice.",
)
@run_options(recipe="default")
@table_options
def distill(
    *,
    teachers: tuple[str, ...],
    text_files: tuple[Path, ...],
    limit: int | None,
    scout: str | None,
    data: Path,
    votes: Path | None,
    votes_weight: float,
    label_map: Path | None,
    cache: Path | None,
    run: Run,
    table: TableOptions,
) -> None:
    """Train a model on what teachers say of many texts, and on labels.

    The teachers label the texts of train.tsv and of the --texts files; the model learns from
    both. A run that was cut off goes on when the same command is given again.
    """
    from emoconv.train.soft_labels import soft_labels  # noqa: PLC0415 - imports torch
    from emoconv.train.teacher import load_teacher, read_label_map  # noqa: PLC0415 - same

    with run.placed(together=False) as placement:
        config = run.config()
        train = read_part(table, data, "train")
        dev = read_part(table, data, "dev", labels=train.labels)
        targets = targets_of(train, votes, votes_weight)
        texts = _texts(
            text_files, table.text_column, held_out=[*dev.texts, *_test_texts(table, data)]
        )
        names = None if label_map is None else read_label_map(label_map)
        loaded = [
            load_teacher(name, train.labels, label_map=names, device=placement.device)
            for name in teachers
        ]
        drawn = min(len(texts), len(texts) if limit is None else limit)
        screen = Screen((len(train) + drawn) * len(loaded))
        screen.message(f"{len(train) + drawn:,} texts to label, {len(loaded)} teachers")
        soft = soft_labels(
            loaded,
            train=train.texts,
            texts=texts,
            rarity=1 / np.maximum(train.y.mean(axis=0), 1 / len(train)),
            limit=limit,
            scout=None if scout is None else load_teacher(scout, train.labels),
            cache=run.output.with_name(run.output.name + ".answers") if cache is None else cache,
            on_texts=screen.advance,
        )
        screen.close()
        run.train(
            train,
            dev,
            config=config,
            placement=placement,
            targets=targets,
            soft=soft,
            dev_name=part_path(data, "dev").name,
        )


def _texts(files: tuple[Path, ...], column: str, *, held_out: list[str]) -> list[str]:
    """Return the texts of the files, without those that are held out."""
    texts = [text for file in files for text in read_texts(file, text_column=column)]
    kept, removed = without_held_out(texts, held_out)
    if removed:
        click.echo(f"left out {removed:,} texts that equal one of dev or test", err=True)
    return [texts[i] for i in kept]


def _test_texts(table: TableOptions, folder: Path) -> tuple[str, ...]:
    """Return the texts of the test part, its labels unread, if the folder has one."""
    try:
        return tuple(read_part(table, folder, "test").texts)
    except DataNotFoundError:
        return ()
