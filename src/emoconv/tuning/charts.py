"""The geometry of the result page's plots: trials in order, along each setting, and by epoch.

As those of `emoconv.report.page.charts`, they are drawn as SVG and coloured by the page's style
sheet. A unit is a pixel where the page is wide enough.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from emoconv.report.page.charts import Tick, round_ticks
from emoconv.tuning.outcome import objective_name
from emoconv.tuning.parameters import Choices, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emoconv.tuning.outcome import Outcome
    from emoconv.tuning.parameters import Parameter
    from emoconv.tuning.records import TrialRecord

__all__ = ["Dot", "Path", "Plot", "curves", "history", "slices"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 12, 10, 40
_WIDE, _NARROW, _HEIGHT = 700, 340, 236
_MARGIN = 0.06  # of a setting's range, left free at both ends
_FACTORS = (1, 2, 5)  # of a power of ten, for the ticks of a log scale


class Dot(NamedTuple):
    """One trial: where it is, how it is drawn, and what it says when pointed at."""

    x: float
    y: float
    kind: str
    says: str


class Path(NamedTuple):
    """One line: how it is drawn, and its points as the attribute of a polyline."""

    kind: str
    points: str


@dataclass(frozen=True)
class Plot:
    """Dots and lines over axes; y grows upwards in the data and downwards in the places."""

    title: str
    x_name: str
    y_name: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...] = ()
    paths: tuple[Path, ...] = ()
    width: int = _NARROW
    height: int = _HEIGHT
    left: int = _LEFT
    top: int = _TOP
    bottom: int = _HEIGHT - _BOTTOM

    @property
    def right(self) -> int:
        """Where the axes end."""
        return self.width - _RIGHT


def history(outcome: Outcome) -> Plot:
    """Return every trial's value in the order of trials, and the best so far."""
    trials = _with_values(outcome)
    y_of, y_ticks = _upwards([value for _, value in trials])
    ticks = _whole_ticks([0, max(1, *(trial.number for trial, _ in trials))])
    x_of = _line(ticks[0], ticks[-1], _LEFT, _WIDE - _RIGHT)
    complete = sorted((t.number, value) for t, value in trials if t.standing == "complete")
    steps: list[tuple[float, float]] = []
    for number, value in complete:
        if steps and value > steps[-1][1]:
            steps.append((number, steps[-1][1]))
        steps.append((number, max([value, *(y for _, y in steps[-1:])])))
    return Plot(
        title="Every trial",
        x_name="trial",
        y_name=objective_name(outcome.objective),
        x_ticks=tuple(Tick(x_of(tick), f"{tick:g}") for tick in ticks),
        y_ticks=y_ticks,
        dots=tuple(_dot(outcome, t, x_of(t.number), y_of(v)) for t, v in trials),
        paths=(_path("so-far", [(x_of(x), y_of(y)) for x, y in steps]),),
        width=_WIDE,
    )


def slices(outcome: Outcome) -> list[Plot]:
    """Return every trial's value along each setting that was searched."""
    trials = _with_values(outcome)
    y_of, y_ticks = _upwards([value for _, value in trials])
    found = []
    for name, parameter in outcome.space.parameters.items():
        x_of, x_ticks = _along(parameter)
        found.append(
            Plot(
                title=name,
                x_name=name.partition(".")[2].replace("_", " ") + _scale_of(parameter),
                y_name=objective_name(outcome.objective),
                x_ticks=x_ticks,
                y_ticks=y_ticks,
                dots=tuple(
                    _dot(outcome, t, x_of(t.values[name]), y_of(v))
                    for t, v in trials
                    if name in t.values
                ),
            )
        )
    return found


def curves(outcome: Outcome) -> Plot | None:
    """Return the value of each trial from epoch to epoch; None where no trial has two epochs."""
    rows = {
        trial.number: [(row["epoch"], row[outcome.objective]) for row in trial.history]
        for trial, _ in _with_values(outcome)
    }
    longest = max((len(points) for points in rows.values()), default=0)
    if longest < 2:  # noqa: PLR2004 - a line has two ends
        return None
    y_of, y_ticks = _upwards([y for points in rows.values() for _, y in points])
    ticks = _whole_ticks([1, longest])
    x_of = _line(ticks[0], ticks[-1], _LEFT, _WIDE - _RIGHT)
    paths = [
        _path(f"curve {_kind(outcome, t)}", [(x_of(x), y_of(y)) for x, y in rows[t.number]])
        for t, _ in _with_values(outcome)
    ]
    return Plot(
        title="From epoch to epoch",
        x_name="epoch",
        y_name=objective_name(outcome.objective),
        x_ticks=tuple(Tick(x_of(tick), f"{tick:g}") for tick in ticks),
        y_ticks=y_ticks,
        paths=tuple(paths),
        width=_WIDE,
    )


_ORDER = ("pruned", "complete", "start", "best")
"""What is drawn over what."""


def _with_values(outcome: Outcome) -> list[tuple[TrialRecord, float]]:
    """Return complete and pruned trials with their values, what matters most last."""
    found = [
        (trial, trial.value)
        for trial in outcome.trials
        if trial.value is not None and trial.standing in ("complete", "pruned")
    ]
    return sorted(found, key=lambda pair: (_ORDER.index(_kind(outcome, pair[0])), pair[0].number))


def _kind(outcome: Outcome, trial: TrialRecord) -> str:
    if trial.number == outcome.best.number:
        return "best"
    return "start" if trial.is_start else trial.standing


def _dot(outcome: Outcome, trial: TrialRecord, x: float, y: float) -> Dot:
    kind = _kind(outcome, trial)
    epochs = f", after epoch {len(trial.history)}" if trial.standing == "pruned" else ""
    says = f"trial {trial.number}, {trial.standing}{epochs}: {trial.value:.4f}"
    return Dot(x, y, kind, says)


def _path(kind: str, points: Sequence[tuple[float, float]]) -> Path:
    return Path(kind, " ".join(f"{x:g},{y:g}" for x, y in points))


def _line(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    def place(value: float) -> float:
        return round(first + (value - low) / (high - low) * (last - first), 1)

    return place


def _upwards(values: Sequence[float]) -> tuple[Callable[[float], float], tuple[Tick, ...]]:
    """Return the axis of the objective; what lies far below the others is drawn at its foot."""
    ordered = sorted(values)
    upper = ordered[len(ordered) // 4 :]
    ticks = round_ticks([max(ordered[0], upper[0] - 1.5 * (upper[-1] - upper[0])), ordered[-1]])
    place = _line(ticks[0], ticks[-1], _HEIGHT - _BOTTOM, _TOP)
    return (
        lambda value: place(max(value, ticks[0])),
        tuple(Tick(place(tick), f"{tick:g}") for tick in ticks),
    )


def _whole_ticks(values: Sequence[float]) -> list[float]:
    return [tick for tick in round_ticks(values, at_most=11) if tick == int(tick)]


def _along(parameter: Parameter) -> tuple[Callable[[object], float], tuple[Tick, ...]]:
    """Return the axis of a setting."""
    first, last = _LEFT + 0.0, _NARROW - _RIGHT + 0.0
    margin = _MARGIN * (last - first)
    if isinstance(parameter, Choices):
        names = [json.dumps(value) for value in parameter.values]
        width = (last - first) / len(names)
        places = {name: round(first + width * (i + 0.5), 1) for i, name in enumerate(names)}
        ticks = (Tick(places[json.dumps(v)], _short(v)) for v in parameter.values)
        return (lambda value: places[json.dumps(value)]), tuple(ticks)
    if parameter.scale == "log":
        low, high = math.log(parameter.low), math.log(parameter.high)
        log_place = _line(low, high, first + margin, last - margin)
        numbers = _log_ticks(parameter.low, parameter.high)
        ticks = (Tick(log_place(math.log(number)), f"{number:g}") for number in numbers)
        return (lambda value: log_place(math.log(_number(value)))), tuple(ticks)
    place = _line(parameter.low, parameter.high, first + margin, last - margin)
    numbers = [
        number
        for number in round_ticks([parameter.low, parameter.high])
        if parameter.low <= number <= parameter.high
    ]
    ticks = (Tick(place(number), f"{number:g}") for number in numbers)
    return (lambda value: place(_number(value))), tuple(ticks)


def _number(value: object) -> float:
    assert isinstance(value, int | float)  # noqa: S101 - a range holds numbers
    return value


def _log_ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    numbers = [factor * 10.0**power for power in powers for factor in _FACTORS]
    return [number for number in numbers if low <= number <= high]


def _short(value: object) -> str:
    """Return a choice as it fits below an axis: ``1-2-3`` for kernel widths."""
    return "-".join(map(str, value)) if isinstance(value, list) else shown(value)


def _scale_of(parameter: Parameter) -> str:
    return "" if isinstance(parameter, Choices) or parameter.scale == "linear" else " (log scale)"
