"""The tables of `results/behaviour.json` and `results/doctor.json`, as Markdown."""

from __future__ import annotations

from typing import Any

from emoconv.report import Table

_CHANGED = 0.03
"""Terms are named one by one whose negative emotions move by so much, in sum."""


def families_table(result: dict[str, Any]) -> str:
    """Return the rate of each family, and the command behind them."""
    rows = []
    for one in result["families"]:
        low, high = one["interval"]
        interval = f"{low:.0%} to {high:.0%}"
        rows.append(
            (one["name"], f"{one['passed']} of {one['cases']}", f"{one['rate']:.0%}", interval)
        )
    table = Table(("family", "passed", "rate", "95 % interval"), tuple(rows)).markdown()
    return f"{table}\n\n{result['summary']}. Shipped model, `{result['command']}`."


def terms_table(result: dict[str, Any]) -> str:
    """Return what each group of identity terms does, and each term that stands out."""
    terms = [one for one in result["terms"] if one["family"] == "identity terms"]
    rows = []
    for group in dict.fromkeys(one["group"] for one in terms):
        own = [one for one in terms if one["group"] == group]
        passed, cases = (sum(one[what] for one in own) for what in ("passed", "cases"))
        mean = sum(one["negative"] for one in own) / len(own)
        low, high = (pick(own, key=lambda one: one["negative"]) for pick in (min, max))
        ends = [f"{one['term']} {one['negative']:+.3f}" for one in (low, high)]
        rows.append((group, f"{passed} of {cases}", f"{mean:+.3f}", *ends))
    groups = Table(("group", "passed", "negative", "least", "most"), tuple(rows)).markdown()
    apart = [one for one in terms if abs(one["negative"]) >= _CHANGED or one["rate"] < 1]
    apart.sort(key=lambda one: -one["negative"])
    named = Table(
        ("term", "passed", "negative", "most changed", "decisions changed"),
        tuple(
            (
                one["term"],
                f"{one['passed']} of {one['cases']}",
                f"{one['negative']:+.3f}",
                f"{one['label']} {one['change']:+.3f}",
                str(one["decisions_changed"]),
            )
            for one in apart
        ),
    ).markdown()
    return f"{groups}\n\n{named}"


def verdicts_table(result: dict[str, Any]) -> str:
    """Return what a reader found wrong."""
    rows = []
    for name, one in result["verdicts"].items():
        low, high = one["interval"]
        counts = [str(one[verdict]) for verdict in ("wrong", "debatable", "right")]
        rows.append((name, *counts, f"{one['wrong_share']:.0%}", f"{low:.0%} to {high:.0%}"))
    header = ("rows", "wrong", "debatable", "right", "wrong, share", "95 % interval")
    return f"{Table(header, tuple(rows)).markdown()}\n\n`{result['command']}`."
