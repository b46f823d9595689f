"""The end of a search: do its best recipes beat the one that it began from?

The best of many scores is partly luck, of one seed and of the texts that were chosen by. So the
best few recipes and the first are trained with several seeds each; the one with the highest mean
on the half to choose by is the search's answer; and that one alone is compared with the first on
the half that was held out.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emoconv.config import to_dict
from emoconv.engine import ReferenceEngine
from emoconv.errors import EmoconvError
from emoconv.metrics import Counts, Difference, bootstrap_counts
from emoconv.tuning.bench import FAILURES, hash_of, reason_of
from emoconv.tuning.measuring import measure
from emoconv.tuning.records import best_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.config import Config
    from emoconv.data import Dataset
    from emoconv.tuning.bench import Bench
    from emoconv.tuning.records import TrialRecord

__all__ = ["RESAMPLES", "Entry", "FinalRun", "Finals", "compare_runs", "run_finals"]

RESAMPLES = 2000
"""Bootstrap draws behind the intervals."""


@dataclass(frozen=True, eq=False)
class FinalRun:
    """One training of one recipe.

    Args:
        seed: Of the training.
        chosen_by: The objective on the half to choose by.
        decided: bool (M, L), what it says of the half that was held out, by its own cuts.
        macro_f1: Of that.
        micro_f1: Of that.
    """

    seed: int
    chosen_by: float
    decided: NDArray[np.bool_]
    macro_f1: float
    micro_f1: float

    def to_dict(self, figures: Sequence[str]) -> dict[str, float]:
        """Return its seed and some figures for JSON."""
        return {"seed": self.seed} | {name: getattr(self, name) for name in figures}


@dataclass(frozen=True, eq=False)
class Entry:
    """A recipe in the finals.

    Args:
        trial: The number of its trial.
        is_start: Whether it is the recipe that the search began from.
        runs: One for each seed.
    """

    trial: int
    is_start: bool
    runs: tuple[FinalRun, ...]

    def mean(self, name: str) -> float:
        """Return the mean of a figure over the runs."""
        return float(np.mean([getattr(run, name) for run in self.runs]))

    def to_dict(self, figures: Sequence[str]) -> dict[str, Any]:
        """Return plain values for JSON, of its runs some figures."""
        return {
            "trial": self.trial,
            "is_start": self.is_start,
            "means": {name: self.mean(name) for name in figures},
            "runs": [run.to_dict(figures) for run in self.runs],
        }


@dataclass(frozen=True, eq=False)
class Finals:
    """What the finals found.

    Args:
        entries: The first recipe, then the search's best, the best first.
        winner: The one with the highest mean on the half to choose by.
        differences: How much better the winner is on the half that was held out, in ``macro_f1``
            and ``micro_f1``; none where the winner is the recipe that the search began from.
    """

    entries: tuple[Entry, ...]
    winner: Entry
    differences: dict[str, Difference]

    @property
    def start(self) -> Entry:
        """The recipe that the search began from."""
        return self.entries[0]

    def figures(self, entry: Entry) -> tuple[str, ...]:
        """Return which figures of an entry may be told: held-out ones of what is compared alone.

        Whoever sees those of all would choose by them.
        """
        if entry.is_start or entry is self.winner:
            return ("chosen_by", "macro_f1", "micro_f1")
        return ("chosen_by",)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "winner": self.winner.trial,
            "entries": [entry.to_dict(self.figures(entry)) for entry in self.entries],
            "differences": {name: asdict(one) for name, one in self.differences.items()},
            "resamples": RESAMPLES,
        }


def run_finals(
    bench: Bench,
    trials: Sequence[TrialRecord],
    *,
    finalists: int,
    seeds: int,
    folder: Path,
    on_run: Callable[[TrialRecord, FinalRun], None],
    on_failure: Callable[[TrialRecord, str], None],
) -> Finals:
    """Train the best recipes and the first with several seeds, and compare.

    Args:
        bench: What trains.
        trials: Of the study; the first recipe among them, complete.
        finalists: How many of the best take part.
        seeds: Trainings of each, at least 1; the first seed is the recipe's own.
        folder: Finished trainings are kept there and not done again.
        on_run: Called with each training.
        on_failure: Called with a finalist that fails by another seed, which leaves the finals.

    Raises:
        EmoconvError: The first recipe fails by another seed.
    """
    first = next(trial for trial in trials if trial.is_start and trial.standing == "complete")
    best = [trial for trial in best_trials(trials, finalists) if trial.values != first.values]
    entries = []
    for trial in (first, *best):
        config = bench.task.space.applied(bench.task.start, trial.values)
        runs = []
        try:
            for seed in range(bench.seed, bench.seed + seeds):
                runs.append(_run(bench, config, seed=seed, folder=folder))
                on_run(trial, runs[-1])
        except FAILURES as error:
            if trial is first:
                raise EmoconvError(f"the recipe to begin from fails: {reason_of(error)}") from None
            on_failure(trial, reason_of(error))
            continue
        entries.append(Entry(trial.number, trial is first, tuple(runs)))
    winner = max(entries, key=lambda entry: entry.mean("chosen_by"))
    differences = {}
    if not winner.is_start:
        differences = compare_runs(
            bench.held_out.y,
            [run.decided for run in entries[0].runs],
            [run.decided for run in winner.runs],
            seed=bench.seed,
        )
    return Finals(tuple(entries), winner, differences)


def compare_runs(
    y: NDArray[np.bool_],
    a: Sequence[NDArray[np.bool_]],
    b: Sequence[NDArray[np.bool_]],
    *,
    seed: int,
) -> dict[str, Difference]:
    """Compare two recipes by what their trainings decide on the same texts.

    A figure of a recipe is its mean over trainings. Each resample draws texts, the same for all,
    and for each recipe as many of its trainings as there are, both with replacement: an interval
    then holds the luck of the texts and that of the seeds (Bouthillier et al. 2021, "Accounting
    for Variance in Machine Learning Benchmarks"). Of a few seeds that luck is told a little too
    small.

    Args:
        y: bool (M, L), what is true.
        a: bool (M, L) each, of the recipe compared with.
        b: bool (M, L) each, of the recipe in question.
        seed: Of the draws.

    Returns:
        By ``macro_f1`` and ``micro_f1``, how much higher b's is.
    """
    rng = np.random.default_rng(seed)
    means: list[dict[str, tuple[float, NDArray[np.float64]]]] = []
    for runs in (a, b):
        drawn = rng.integers(len(runs), size=(len(runs), RESAMPLES))
        counts = [Counts.of(y=y, predicted=run) for run in runs]
        resampled = [
            bootstrap_counts(y=y, predicted=run, resamples=RESAMPLES, seed=seed) for run in runs
        ]
        means.append(
            {
                name: (
                    float(np.mean([of(c).f1 for c in counts])),
                    np.take_along_axis(np.stack([of(c).f1 for c in resampled]), drawn, 0).mean(0),
                )
                for name, of in (("macro_f1", Counts.macro), ("micro_f1", Counts.micro))
            }
        )
    return {
        name: Difference.of(means[1][name][0] - point, means[1][name][1] - resamples)
        for name, (point, resamples) in means[0].items()
    }


def _run(bench: Bench, config: Config, *, seed: int, folder: Path) -> FinalRun:
    """Train a recipe, unless that was done before."""
    y = bench.held_out.y
    file = folder / f"{_digest(bench, config, seed)}.npz"
    if not file.exists():
        bundle = bench.bundle(config, seed=seed)
        chosen_by = measure(
            bench.choosing.y,
            _logits(bundle, bench.choosing),
            rule=config.training.threshold_rule,
            seed=bench.seed,
        )[bench.task.objective]
        probabilities = bundle.calibration.apply(_logits(bundle, bench.held_out))
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name("unfinished.npz")
        np.savez(
            unfinished,
            decided=np.packbits(bundle.thresholds.decide(probabilities)),
            chosen_by=np.float64(chosen_by),
        )
        unfinished.replace(file)
    with np.load(file) as kept:
        decided = np.unpackbits(kept["decided"], count=y.size).reshape(y.shape).astype(np.bool_)
        chosen_by = float(kept["chosen_by"])
    counts = Counts.of(y=y, predicted=decided)
    return FinalRun(
        seed=seed,
        chosen_by=chosen_by,
        decided=decided,
        macro_f1=float(counts.macro().f1),
        micro_f1=float(counts.micro().f1),
    )


def _digest(bench: Bench, config: Config, seed: int) -> str:
    """Return a name that no other training has."""
    setup = [bench.task.fingerprints, to_dict(config), seed]
    return hash_of(json.dumps(setup, sort_keys=True).encode())[:16]


def _logits(bundle: Bundle, dataset: Dataset) -> NDArray[np.float32]:
    return ReferenceEngine(bundle).logits(bundle.encoder().encode_batch(dataset.texts))
