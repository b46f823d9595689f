"""The tables of ``results/quality-peers.json``: systems, paired tests, every emotion."""

from __future__ import annotations

from typing import Any

from emoconv.report import Table


def peers_section(result: dict[str, Any]) -> str:
    """Return what each system is, all tables, and where the figures are from."""
    parts = (systems_list, systems_table, paired_table, emotions_table, _origin)
    return "\n\n".join(part(result) for part in parts)


def _origin(result: dict[str, Any]) -> str:
    flatters = "; cuts and settings were chosen on it, so the figures flatter every system"
    machine = result["machine"]
    return (
        f"Measured on the official {result['split']} split, {result['rows']:,} texts"
        f"{flatters * (result['split'] == 'dev')}. {result['resamples']:,} resamples behind each "
        f"interval and p value. `{result['command']}`, commit `{result['commit'][:12]}`; "
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}."
    )


def systems_table(result: dict[str, Any]) -> str:
    """Return one line for each system."""
    rows = []
    for name, system in result["systems"].items():
        figures = system["figures"]
        per_label, shared = figures["per_label"], figures["shared"]
        seconds = system.get("train_seconds")
        rows.append(
            (
                f"`{name}`",
                _with_interval(per_label["macro"]),
                _with_interval(per_label["micro"]),
                _with_interval(shared["micro"]),
                f"{per_label['average_precision']:.3f}",
                f"{figures['calibration_error_raw']:.4f}",
                f"{per_label['calibration_error']:.4f}",
                "-" if seconds is None else f"{seconds:,.0f}",
            )
        )
    header = (
        "system",
        "macro F1",
        "micro F1",
        "micro F1, one cut",
        "mean AP",
        "ECE as it comes",
        "ECE calibrated",
        "training, processor s",
    )
    return Table(header, tuple(rows)).markdown()


def paired_table(result: dict[str, Any]) -> str:
    """Return by how much ours is ahead of each other system, on the same resampled texts."""
    rows = tuple(
        (
            f"`{name}`",
            _difference(paired["per_label"]["macro_f1"]),
            _difference(paired["per_label"]["micro_f1"]),
            _difference(paired["shared"]["micro_f1"]),
        )
        for name, paired in result["paired"].items()
    )
    header = (f"`{result['ours']}` less", "macro F1", "micro F1", "micro F1, one cut")
    return Table(header, rows).markdown()


def emotions_table(result: dict[str, Any]) -> str:
    """Return each system's F1 of every emotion, one cut a label."""
    columns = {
        name: system["figures"]["per_label"]["per_label"]
        for name, system in result["systems"].items()
    }
    rows = tuple(
        (
            scores[0]["label"],
            f"{scores[0]['support']:,}",
            *(f"{label['f1']:.3f}" for label in scores),
        )
        for scores in zip(*columns.values(), strict=True)
    )
    return Table(("F1", "support", *(f"`{name}`" for name in columns)), rows).markdown()


def systems_list(result: dict[str, Any]) -> str:
    """Return what each system is, and the settings that dev chose."""
    return "\n".join(
        f"- `{name}`: {system['about']}" + _details(system)
        for name, system in result["systems"].items()
    )


def _details(system: dict[str, Any]) -> str:
    if "megabytes" in system:
        return f", {system['megabytes']:,.1f} MB"
    chosen = ", ".join(f"{name} {value}" for name, value in system["settings"].items())
    return f" ({chosen}; best of {len(system['candidates'])} on dev)"


def _with_interval(scores: dict[str, Any]) -> str:
    interval = scores["f1_interval"]
    bounds = f" ({interval['low']:.3f} to {interval['high']:.3f})" if interval else ""
    return f"{scores['f1']:.3f}{bounds}"


def _difference(figures: dict[str, float]) -> str:
    p = "p < .001" if figures["p"] < 0.001 else f"p = {figures['p']:.3f}".replace("0.", ".")  # noqa: PLR2004 - what the text says
    return f"{figures['estimate']:+.3f} ({figures['low']:+.3f} to {figures['high']:+.3f}), {p}"
