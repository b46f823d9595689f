"""What the commands that train share: what to learn from, the run itself, and a view of it."""

from __future__ import annotations

import functools
import os
import shutil
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import numpy as np

from emoconv.bundle import check_destination, write_bundle
from emoconv.data import part_path, read_official, read_votes
from emoconv.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from emoconv.cli.reading import TableOptions
    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.data.dataset import LabelledTexts
    from emoconv.labels import LabelSet
    from emoconv.train.placement import Placement
    from emoconv.train.preparation import Preparation
    from emoconv.train.soft_labels import SoftLabels

__all__ = [
    "Run",
    "Screen",
    "device_option",
    "read_part",
    "run_options",
    "settings_option",
    "targets_of",
    "votes_options",
]

Result = TypeVar("Result")


settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PART.NAME=VALUE",
    help="Change a setting of the recipe: training.epochs=3.",
)


device_option = click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="NAME",
    help="Where to train: cpu, cuda, cuda:1 for the second GPU, or auto for a GPU where there is "
    "one.",
)


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


@dataclass(frozen=True)
class Run:
    """What `run_options` collected: how a model is trained, and where it goes."""

    output: Path
    recipe: str
    vectors: tuple[str, ...]
    settings: tuple[str, ...]
    seed: int | None
    restart: bool
    overwrite: bool
    device: str

    def config(self) -> Config:
        """Return the recipe with its changed settings, once the output is free.

        Raises:
            ConfigError: There is no such recipe or setting, or something is there already.
        """
        from emoconv.train import load_recipe, override  # noqa: PLC0415 - imports torch

        seed = () if self.seed is None else (f"training.seed={self.seed}",)
        config = override(load_recipe(self.recipe), (*self.settings, *seed))
        check_destination(self.output, overwrite=self.overwrite)
        return config

    @contextmanager
    def placed(self, *, together: bool) -> Iterator[Placement]:
        """Yield where to train; of several processes only the first one's words are seen.

        Args:
            together: Whether several processes may train one model.

        Raises:
            ConfigError: There is no such device, or torchrun started several processes and they
                are of no use here.
        """
        from emoconv.train.placement import placed  # noqa: PLC0415 - imports torch

        with placed(self.device) as placement, ExitStack() as stack:
            if placement.world_size > 1 and not together:
                raise ConfigError("only `emoconv train` is for torchrun; start this one without it")
            if not placement.is_first:
                nowhere = stack.enter_context(Path(os.devnull).open("w"))
                stack.enter_context(redirect_stdout(nowhere))
                stack.enter_context(redirect_stderr(nowhere))
            yield placement

    @contextmanager
    def room(self, placement: Placement) -> Iterator[Path]:
        """Yield a folder of this process beside the output, for what memory need not hold."""
        number = f".{placement.rank}" if placement.world_size > 1 else ""
        folder = self.output.with_name(f"{self.output.name}.streamed{number}")
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was cut off
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def train(
        self,
        train: LabelledTexts,
        dev: Dataset,
        *,
        config: Config,
        placement: Placement,
        targets: NDArray[np.float32] | None = None,
        soft: SoftLabels | None = None,
        preparation: Preparation | None = None,
        dev_name: str,
    ) -> None:
        """Train a model, write it and print where it is; go on from a checkpoint if one is there.

        Args:
            train: What to learn from.
            dev: Validation data.
            config: The recipe.
            placement: Where.
            targets: float32 (N, L), what to answer to the texts of ``train``; ``None``: labels.
            soft: What teachers say.
            preparation: Of the texts; ``None`` makes it, in memory.
            dev_name: What ``dev`` is, for whoever reads the bundle.
        """
        from emoconv.train import train_bundle  # noqa: PLC0415 - imports torch
        from emoconv.train.card import model_card  # noqa: PLC0415 - same

        checkpoint = self.output.with_name(self.output.name + ".checkpoint")
        if self.restart and placement.is_first:
            checkpoint.unlink(missing_ok=True)
        placement.wait()
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        others = 0 if soft is None else len(soft.texts)
        per_epoch = config.training.unlabelled_per_epoch
        bundle = train_bundle(
            train,
            dev,
            config=config,
            observer=Screen(len(train) + (others if per_epoch is None else min(others, per_epoch))),
            vector_files=self.vectors,
            targets=targets,
            soft=soft,
            checkpoint_path=checkpoint,
            dev_name=dev_name,
            preparation=preparation,
            placement=placement,
        )
        if not placement.is_first:
            return
        write_bundle(bundle, self.output, card=model_card(bundle), overwrite=self.overwrite)
        checkpoint.unlink()
        click.echo(str(self.output))


def run_options(*, recipe: str) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Return what gives a command the options of a run, as one argument ``run``.

    Args:
        recipe: The one that is taken where none is named.
    """
    options = (
        click.option(
            "--output",
            type=click.Path(path_type=Path),
            required=True,
            metavar="FOLDER",
            help="Where the model goes.",
        ),
        click.option(
            "--recipe",
            default=recipe,
            show_default=True,
            metavar="NAME",
            help="small, default, blog, or a .json file.",
        ),
        click.option(
            "--vectors",
            multiple=True,
            metavar="FILE",
            help="Word vectors to start from: GloVe, word2vec or fastText. Can be given again; "
            "later files fill in words.",
        ),
        settings_option,
        click.option("--seed", type=click.IntRange(min=0), help="Short for --set training.seed=N."),
        click.option(
            "--restart", is_flag=True, help="Forget the checkpoint of a run that was cut off."
        ),
        click.option("--overwrite", is_flag=True, help="Replace a model that is there."),
        device_option,
    )

    def decorate(command: Callable[..., Result]) -> Callable[..., Result]:
        @functools.wraps(command)
        def wrapper(
            *,
            output: Path,
            recipe: str,
            vectors: tuple[str, ...],
            settings: tuple[str, ...],
            seed: int | None,
            restart: bool,
            overwrite: bool,
            device: str,
            **others: object,
        ) -> Result:
            run = Run(output, recipe, vectors, settings, seed, restart, overwrite, device)
            return command(run=run, **others)

        decorated: Callable[..., Result] = wrapper
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


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


def targets_of(train: Dataset, votes: Path | None, weight: float) -> NDArray[np.float32] | None:
    """Return labels and votes as what to answer to the texts, float32 (N, L); None without votes.

    Raises:
        DataError: The file of votes is not as expected, or has none for these texts.
    """
    if votes is None:
        return None
    labels = train.y.astype(np.float32)
    blended = read_votes(votes, train.labels).blend(train, weight=weight)
    changed = int((blended != labels).any(axis=1).sum())
    if not changed and weight > 0:
        raise DataError("no text to learn from has votes that differ from its labels", path=votes)
    click.echo(f"votes change what is learnt from {changed:,} of {len(train):,} texts", err=True)
    return blended
