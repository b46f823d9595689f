"""``emoconv tune``: a search for a better recipe. Parses and prints; the work is in tuning."""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from emoconv.cli.reading import table_options
from emoconv.cli.train import read_parts
from emoconv.cli.training import settings_option, targets_of, votes_options
from emoconv.cli.tune_text import TuneScreen, json_text, outcome_text
from emoconv.tuning.measuring import OBJECTIVES
from emoconv.tuning.space import default_space_text, read_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emoconv.cli.reading import TableOptions
    from emoconv.tuning.measuring import Objective

__all__ = ["tune"]

_STOPPED = 130
"""The exit code of what Ctrl-C ends: 128 and the signal's number, as shells have it."""


def _print_space(context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        click.echo(default_space_text(), nl=False)
        context.exit()


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
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the recipe, the summary and the page go; a search there goes on.",
)
@click.option(
    "--recipe",
    default="small",
    show_default=True,
    metavar="NAME",
    help="The recipe to begin from and to beat: small, default, blog, or a .json file.",
)
@settings_option
@click.option("--seed", type=click.IntRange(min=0), help="Of the search and of all trainings.")
@click.option(
    "--vectors",
    multiple=True,
    metavar="FILE",
    help="Word vectors that all recipes start from; see train.",
)
@click.option(
    "--space",
    "space_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What is searched, TOML or JSON: narrows, fixes or extends the package's own space.",
)
@click.option(
    "--print-space",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_space,
    help="Print the package's own space, to begin a file from, and exit.",
)
@click.option(
    "--objective",
    type=click.Choice(OBJECTIVES),
    default=OBJECTIVES[0],
    show_default=True,
    help="What is to rise on validation data, with cuts by the recipe's threshold_rule.",
)
@click.option(
    "--trials",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="So many in the study, those of other processes and of earlier runs included.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Begin no trial after that.",
)
@click.option("--no-pruning", is_flag=True, help="Train hopeless trials to their end too.")
@click.option(
    "--finalists",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="So many of the best trials are trained with several seeds at the end.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="So many trainings has each finalist, and the recipe to begin from; 0 for no comparison.",
)
@click.option("--study", default="emoconv", show_default=True, metavar="NAME", help="Its name.")
@click.option(
    "--storage",
    metavar="URL",
    help="Where the study is kept: postgresql+psycopg://USER@HOST/DATABASE for many machines, "
    "sqlite:///FILE; by default study.db in the output folder.",
)
@click.option(
    "--worker",
    is_flag=True,
    help="Only run trials of a study that another process, on another machine say, writes down.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processor threads of this process; by default all cores. 1 where several processes work.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@votes_options
@table_options
def tune(
    *,
    data: Path | None,
    train_files: tuple[Path, ...],
    dev_file: Path | None,
    output: Path | None,
    recipe: str,
    settings: tuple[str, ...],
    seed: int | None,
    vectors: tuple[str, ...],
    space_file: Path | None,
    objective: str,
    trials: int,
    timeout: float | None,
    no_pruning: bool,
    finalists: int,
    seeds: int,
    study: str,
    storage: str | None,
    worker: bool,
    threads: int | None,
    as_json: bool,
    votes: Path | None,
    votes_weight: float,
    table: TableOptions,
) -> None:
    """Search for a better recipe than the one to begin from.

    Each trial trains a recipe and scores it on half of the validation data. At the end the best
    few and the first are trained with several seeds, and the winner is compared with the first on
    the other half. The test part is not read.

    A search that was cut off, by Ctrl-C or in any other way, goes on when the same command is given
    again; several processes may give it at the same time, on many machines with one --storage.
    """
    if output is None and not (worker and storage):
        raise click.UsageError("give --output FOLDER; only a --worker with --storage needs none")
    if worker and as_json:
        raise click.UsageError("a --worker prints no result; leave out --json")
    from emoconv.train import load_recipe, override  # noqa: PLC0415 - imports torch
    from emoconv.tuning.bench import Task  # noqa: PLC0415 - light commands need none of these
    from emoconv.tuning.running import Settings  # noqa: PLC0415 - imports Optuna
    from emoconv.tuning.running import tune as run  # noqa: PLC0415 - same
    from emoconv.tuning.search import Limits  # noqa: PLC0415 - same

    given = () if seed is None else (f"training.seed={seed}",)
    start, space, notes = read_space(override(load_recipe(recipe), (*settings, *given)), space_file)
    learnt, dev = read_parts(
        table,
        data=data,
        train_files=train_files,
        dev_file=dev_file,
        protocol=None,
        seed=start.training.seed,
    )
    task = Task(
        train=learnt,
        dev=dev,
        start=start,
        space=space,
        objective=cast("Objective", objective),
        targets=targets_of(learnt, votes, votes_weight),
        vector_files=vectors,
    )
    if threads is not None:
        _use_threads(threads)
    screen = TuneScreen(task)
    for note in notes:
        screen.message(note)
    if "training.epochs" in space.parameters and not no_pruning:
        screen.message(
            "training.epochs is searched: after the same epoch runs of different length "
            "cannot be compared, so none is pruned"
        )
    how = Settings(
        limits=Limits(trials=trials, timeout_s=timeout),
        recipe=recipe,
        study=study,
        address=storage,
        pruning=not no_pruning,
        finalists=finalists,
        seeds=seeds,
        worker=worker,
    )
    with _termination_as_ctrl_c():
        result = run(task, output, settings=how, watcher=screen, bar=screen)
    if result.outcome is not None and output is not None:
        lines = json_text if as_json else outcome_text
        click.echo(lines(result.outcome, output))
    if result.end == "stopped":
        screen.message("stopped; the same command goes on")
        sys.exit(_STOPPED)


@contextlib.contextmanager
def _termination_as_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, by which clusters and containers end what runs, stop as cleanly as Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _use_threads(number: int) -> None:
    import torch  # noqa: PLC0415 - only with training

    torch.set_num_threads(number)
