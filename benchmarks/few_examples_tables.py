"""Write the tables of ``results/few_examples.json`` into their page, and draw the curves.

Run:  python benchmarks/few_examples_tables.py          (writes)
      python benchmarks/few_examples_tables.py --check  (fails when the page is out of date)
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from emoconv.report import Table
from emoconv.report.plots import save
from emoconv.report.style import BLUE, GREEN, GREY, INK, PURPLE, STYLE, VERMILLION
from tables import HERE, ROOT, between, load, spread

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

PAGE = ROOT / "docs/how-to/own-labels.md"
PLOT = HERE / "plots/few_examples.svg"
ORDER = ("warm", "cold", "tfidf", "static", "minilm", "tuned")
_SHORT = {
    "warm": "emoconv, warm start",
    "cold": "emoconv, from nothing",
    "tfidf": "TF-IDF",
    "static": "mean of word vectors",
    "minilm": "MiniLM",
    "tuned": "MiniLM, tuned on pairs",
}
_LINES = {
    "warm": (BLUE, "-", "o"),
    "cold": (BLUE, ":", "o"),
    "tfidf": (VERMILLION, "-", "s"),
    "static": (GREEN, "-", "^"),
    "minilm": (PURPLE, "-", "D"),
    "tuned": (PURPLE, ":", "D"),
}
_SOME = (100, 1000, 10000)


def one_thread(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs that are compared: those that had one thread."""
    return [run for run in result["runs"] if run["threads"] == 1]


def figures(
    result: dict[str, Any], *, task: str, method: str, figure: str
) -> dict[int, list[float]]:
    """Return a figure of each seed, by the number of texts."""
    found: dict[int, list[float]] = {}
    for run in one_thread(result):
        if (run["task"], run["method"]) == (task, method):
            found.setdefault(run["texts"], []).append(run[figure])
    return dict(sorted(found.items()))


def cell(values: list[float] | None) -> str:
    """Return mean and standard deviation of values, or nothing where there are none."""
    if not values:
        return ""
    sd = statistics.stdev(values) if len(values) > 1 else None
    return spread({"mean": statistics.mean(values), "sd": sd})


def sizes(result: dict[str, Any]) -> list[int]:
    return sorted({run["texts"] for run in result["runs"]})


def f1_table(result: dict[str, Any], task: str) -> str:
    """Return macro F1 of each method by the number of texts."""
    rows = []
    for method in ORDER:
        found = figures(result, task=task, method=method, figure="macro_f1")
        name = result["methods"][method]["about"]
        rows.append((name, *(cell(found.get(size)) for size in sizes(result))))
    header = ("", *(f"{size:,}" for size in sizes(result)))
    return Table(header, tuple(rows)).markdown()


def some_table(result: dict[str, Any], figure: str, form: str, *more: str) -> str:
    """Return the mean of a figure for some numbers of texts of each task, and what things weigh.

    Args:
        result: What was measured.
        figure: Its name.
        form: How to write it.
        more: The names of what is known of a method.
    """
    rows = []
    for method in ORDER:
        cells = []
        for task in result["tasks"]:
            found = figures(result, task=task, method=method, figure=figure)
            cells += [
                format(statistics.mean(found[size]), form) if size in found else ""
                for size in _SOME
            ]
        about = result["methods"][method]
        rows.append((_SHORT[method], *cells, *(f"{about[name]:,.0f}" for name in more)))
    header = [f"{task}, {size:,}" for task in result["tasks"] for size in _SOME]
    weights = [{"to_fit_mb": "MB to fit", "to_predict_mb": "MB to predict"}[n] for n in more]
    return Table(("", *header, *weights), tuple(rows)).markdown()


def curves(result: dict[str, Any]) -> str:
    """Return what the page shows."""
    parts = []
    for name in result["tasks"]:
        parts += [told(result, name), f1_table(result, name)]
    weights = "Seconds of one core to fit, and what must be installed, with models and vectors:"
    parts += ["Accuracy, mean:", some_table(result, "accuracy", ".3f"), weights]
    parts.append(
        some_table(result, "processor_seconds", ".1f", "to_fit_mb", "to_predict_mb"),
    )
    return "\n\n".join([*parts, waits(result), origin(result)])


def told(result: dict[str, Any], name: str) -> str:
    """Say what a task is."""
    task = result["tasks"][name]
    usual = task["most_frequent"]
    return (
        f"**{name.capitalize()}**: {task['about']}; {len(task['classes'])} classes. Macro F1 on "
        f"{task['measured']['rows']:,} texts of the {result['part']} part, by the number of "
        f"examples; the most frequent class for every text gives {usual['macro_f1']:.3f}, and "
        f"an accuracy of {usual['accuracy']:.3f}."
    )


def waits(result: dict[str, Any]) -> str:
    """Say how long a user waits for the most texts, with every core."""
    runs = [run for run in result["runs"] if run["threads"] > 1]
    times = " and ".join(f"{run['seconds']:.0f} s ({run['task']})" for run in runs)
    return (
        f"With {runs[0]['threads']} threads and nothing beside it, `fit` took {times} for "
        f"{runs[0]['texts']:,} texts."
    )


def origin(result: dict[str, Any]) -> str:
    """Say where the figures come from."""
    commits = sorted({run["commit"] for run in result["runs"]})
    names = ", ".join(f"`{one[:12]}`{'+' * one.endswith('+')}" for one in commits)
    loads = [run["load"] for run in one_thread(result)]
    return (
        "± is the sample standard deviation over seeds, each of which draws other examples, the "
        f"same for all methods: {seeds(result)}. `{result['command']}`, commit {names}, "
        f"{result['date']}; data and splits with their hashes are in "
        f"`benchmarks/results/few_examples.json`. {result['machine']['processor']}, one thread a "
        f"fit; the load was {min(loads):.1f} to {max(loads):.1f} on "
        f"{result['machine']['cores']} cores."
    )


def seeds(result: dict[str, Any]) -> str:
    """Say how many seeds there are where."""
    usual = max(run["seed"] for run in result["runs"]) + 1
    largest = max(sizes(result))
    there = max(run["seed"] for run in result["runs"] if run["texts"] == largest) + 1
    tuned = max(run["seed"] for run in result["runs"] if run["method"] == "tuned") + 1
    return f"{usual}, but {there} for {largest:,} and {tuned} for {_SHORT['tuned']}"


def documents() -> dict[Path, str]:
    """Return the page with its tables."""
    text = PAGE.read_text(encoding="utf-8")
    if "<!-- curves:start -->" not in text or "<!-- curves:end -->" not in text:
        raise SystemExit(f"{PAGE.relative_to(ROOT)} has no place for the curves")
    return {PAGE: between(text, "curves", curves(load("few_examples")))}


@mpl.rc_context(STYLE)
def plot(result: dict[str, Any]) -> Figure:
    """Draw macro F1 and accuracy of each task against the number of examples."""
    figure = Figure(figsize=(9.5, 8.2), layout="constrained")
    grid = figure.subplots(2, len(result["tasks"]), sharex=True)
    kinds = {"macro_f1": "macro F1", "accuracy": "accuracy"}
    for row, (kind, name) in zip(grid, kinds.items(), strict=True):
        for axes, task in zip(row, result["tasks"], strict=True):
            _draw(axes, result, task=task, figure=kind)
            axes.set_title(f"{task.capitalize()}: {name}")
        row[0].set_ylabel(f"{name}; lines: lowest to highest seed")
    for axes in grid[-1]:
        axes.set_xlabel("examples, log scale")
    handles, names = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4)
    return figure


def _draw(axes: Axes, result: dict[str, Any], *, task: str, figure: str) -> None:
    usual = result["tasks"][task]["most_frequent"][figure]
    for method in ORDER:
        found = figures(result, task=task, method=method, figure=figure)
        colour, dashes, mark = _LINES[method]
        means = [statistics.mean(values) for values in found.values()]
        axes.plot(
            *(list(found), means),
            color=colour,
            linestyle=dashes,
            marker=mark,
            markersize=5,
            label=_SHORT[method],
        )
        ends = [min(v) for v in found.values()], [max(v) for v in found.values()]
        axes.vlines(list(found), *ends, color=colour, linewidth=1.2)
    axes.axhline(usual, color=GREY, linewidth=1.2, label="most frequent class")
    axes.set_xscale("log")
    axes.set_xticks(sizes(result))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(colors=INK)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = {path: text for path, text in documents().items() if path.read_text() != text}
    if check:
        for path in stale:
            print(
                f"{path.relative_to(ROOT)} is out of date; run "
                "python benchmarks/few_examples_tables.py"
            )
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text)
    save(plot(load("few_examples")), PLOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
