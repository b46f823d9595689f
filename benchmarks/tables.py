"""Write every table of figures in the documents from ``results/*.json``.

Run:  python benchmarks/tables.py          (writes)
      python benchmarks/tables.py --check  (fails when a document is out of date)
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from behaviour_tables import families_table, terms_table, verdicts_table
from emoconv.config import from_dict
from emoconv.metrics import Evaluation
from emoconv.report import Table, evaluation_markdown, sweep_table
from emoconv.thresholds import SweepRow
from export_tables import keras_table, onnx_table
from origins import origin
from published import published_table
from quality_tables import peers_section
from scoring_tables import (
    events_table,
    formats_table,
    growth_table,
    headline_table,
    interruptions_table,
    peers_table,
)
from service_tables import fuzz_table, load_table, overload_table, stop_table
from training_tables import devices_table, large_table, processes_table

HERE = Path(__file__).parent
ROOT = HERE.parent
MODEL_CARD = ROOT / "src/emoconv/model/README.md"
SHIPPED = "default-official"
EXPLANATION = ROOT / "docs/explanation/speed.md"
BEHAVIOUR = ROOT / "docs/how-to/behaviour.md"
DOCTOR = ROOT / "docs/how-to/doctor.md"
EXPORT = ROOT / "docs/how-to/export.md"
MIGRATION = ROOT / "docs/how-to/migrate.md"
VERSIONS = ROOT / "docs/reference/versions.md"
TRAINING = ROOT / "docs/how-to/train-bigger.md"
SPEED_RESULTS = ("speed", "growth", "breakdown", "parity")
"""The documents have figures of speed once all of these are there."""
SCORING_RESULTS = ("scoring", "interruptions")
"""The same of scoring files."""


def load(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((HERE / "results" / f"{name}.json").read_text())
    return result


def spread(figure: dict[str, float]) -> str:
    sd = "" if figure["sd"] is None else f" ± {figure['sd']:.3f}"
    return f"{figure['mean']:.3f}{sd}"


def source(result: dict[str, Any]) -> str:
    """Return the line that says where an experiment's figures come from."""
    seeds = ", ".join(str(run["seed"]) for run in result["runs"])
    first = result["runs"][0]
    return (
        f"{result['about']}. Measured on `{first['data']['file']}` "
        f"({first['data']['rows']:,} rows); cuts by rule `{first['thresholds']['rule']}`, chosen "
        f"on {first['thresholds']['data']}; seeds {seeds}; commit `{result['commit'][:12]}`."
    )


def quality() -> str:
    rows, notes = [], []
    for name in json.loads((HERE / "experiments.json").read_text()):
        result = load(name)
        figures = result["summary"]
        means = [spread(figures[f]) for f in ("micro_f1", "macro_f1", "average_precision")]
        rows.append((f"`{name}`", *means, f"{figures['train_seconds']['mean']:.0f}"))
        commands = "\n".join(result["commands"])
        notes.append(f"**`{name}`**: {source(result)}\n\n```bash\n{commands}\n```")
    header = ("experiment", "micro F1", "macro F1", "mean AP", "training, s")
    deviation = "± is the sample standard deviation over seeds."
    return "\n\n".join([Table(header, tuple(rows)).markdown(), deviation, *notes])


def ablation() -> str:
    """Return what each lever gave, for the variants that were measured."""
    variants = json.loads((HERE / "ablation.json").read_text())
    found = {
        name: load(f"ablation/{name}")
        for name in variants
        if (HERE / f"results/ablation/{name}.json").exists()
    }
    rows = tuple(
        (
            f"{result['about']} (`{name}`)",
            *(f"{result[f]:.3f}" for f in ("micro_f1", "macro_f1", "average_precision")),
            f"{result['words']:,}",
        )
        for name, result in found.items()
    )
    header = ("variant", "micro F1", "macro F1", "mean AP", "words")
    commits = ", ".join(
        sorted({f"`{r['commit'][:12]}{'+' * r['commit'].endswith('+')}`" for r in found.values()})
    )
    note = (
        "Dev split; cuts by rule `per-label-balanced`, chosen on one half of dev and scored on the "
        "other, mean of ten random halvings, both ways; one training each, seed 0; commits "
        f"{commits} (+: with changes not committed then). The commands are in "
        "`results/ablation/NAME.json`."
    )
    return "\n\n".join([Table(header, rows).markdown(), note])


def peers() -> str:
    return peers_section(load("quality-peers"))


def sweep() -> str:
    rows = load("blog-official-reddit300")["runs"][0]["sweep"]
    return sweep_table([from_dict(SweepRow, row) for row in rows]).markdown()


def install() -> str:
    figures = load("install")
    rows = (
        ("base install, packages and all", f"{figures['base_install_mb']:.0f} MB"),
        ("installing it, with a package cache", f"{figures['install_seconds']:.0f} s"),
        ("the model's folder", f"{figures['bundle_mb']:.1f} MB"),
        ("`import emoconv`", f"{figures['import_emoconv_ms']:.0f} ms"),
        ("import and load the model", f"{figures['import_and_load_ms']:.0f} ms"),
        ("`emoconv detect TEXT`, cold", f"{figures['detect_cold_seconds']:.2f} s"),
    )
    origin = (
        f"`{figures['command']}`, commit `{figures['commit'][:12]}`; medians of seven runs on two "
        "cores."
    )
    return Table(("figure", "value"), rows).markdown() + "\n\n" + origin


def per_second(figures: dict[str, float]) -> str:
    spread = (figures["high"] - figures["low"]) / 2 / figures["median"]
    return f"{figures['median']:,.0f} ± {spread:.0%}"


def speed() -> str:
    result = load("speed")
    rows, missing = [], []
    for figures in result["peers"].values():
        if "error" in figures:
            missing.append(f"Not measured: {figures['about']}: `{figures['error']}`.")
            continue
        rates = [
            per_second(figures["rates"][texts][cores])
            for texts in ("goemotions", "reddit")
            for cores in "12"
        ]
        rows.append((figures["about"], *rates, f"{figures['cost_ratio']:,.2f}"))
    header = (
        "texts per second",
        "GoEmotions, 1 core",
        "2 cores",
        "Reddit, 1 core",
        "2 cores",
        "cost per text",
    )
    note = "Cost per text is of processor time on two cores, GoEmotions; the first line's is 1."
    return "\n\n".join([Table(header, tuple(rows)).markdown(), note, *missing, origin(result)])


def weight() -> str:
    rows = tuple(
        (
            figures["about"],
            f"{figures['latency_ms']['p50']:.3f}",
            f"{figures['latency_ms']['p99']:.3f}",
            f"{figures['load_seconds']:.2f}",
            f"{figures['memory']['loaded_mb']:,.0f}",
            f"{figures['memory']['peak_mb']:,.0f}",
            f"{figures['model_mb']:,.1f}",
            f"{figures['install_mb']:,.0f}",
        )
        for figures in load("speed")["peers"].values()
        if "error" not in figures
    )
    header = (
        "",
        "one text, p50 ms",
        "p99 ms",
        "load, s",
        "memory loaded, MB",
        "peak, MB",
        "model, MB",
        "install, MB",
    )
    return Table(header, rows).markdown()


def growth() -> str:
    result = load("growth")
    rows = tuple(
        (
            f"{run['texts']:,}",
            f"{run['seconds']:.3f}",
            f"{run['texts'] / run['seconds']:,.0f}",
            f"{run['after_first_batch_mb']:,.0f}",
            f"{run['end_mb']:,.0f}",
            f"{run['peak_mb']:,.0f}",
        )
        for run in result["runs"]
    )
    header = (
        "texts",
        "seconds",
        "texts per second",
        "memory after the first batch, MB",
        "at the end, MB",
        "peak, MB",
    )
    note = (
        f"Record batches of up to {result['batch']:,} texts through `predict_arrow`: labels, top "
        "label and probabilities; two cores; each line in a fresh process."
    )
    return "\n\n".join([Table(header, rows).markdown(), note, origin(result)])


def breakdown() -> str:
    result = load("breakdown")
    sets = result["texts"]
    *steps, whole = sets["goemotions"]["seconds"]
    rows = [
        (step, *(f"{s['seconds'][step] / s['seconds'][whole]:.0%}" for s in sets.values()))
        for step in steps
    ]
    titles = {"goemotions": "GoEmotions", "reddit": "Reddit"}
    shares = Table(("share of the time, one core", *(titles[s] for s in sets)), tuple(rows))
    return "\n\n".join([shares.markdown(), bytes_moved(result), origin(result)])


def bytes_moved(result: dict[str, Any]) -> str:
    """Return the table of what is read against what could be."""
    rows = []
    for name, figures in result["texts"].items():
        for cores, rate in figures["table_bytes_per_second"].items():
            alone = figures["rows_alone_bytes_per_second"][cores]
            memory = result["memory_bytes_per_second"][cores]
            rows.append(
                (
                    f"{name}, {cores} core{'s' * (cores > '1')}",
                    f"{figures['table_bytes_per_text'] / 1e3:.1f}",
                    f"{rate / 1e9:.1f}",
                    f"{alone / 1e9:.1f}",
                    f"{memory / 1e9:.1f}",
                    f"{rate / alone:.0%}",
                    f"{rate / memory:.0%}",
                )
            )
    header = (
        "texts",
        "table rows per text, kB",
        "read, GB/s",
        "same rows, only summed, GB/s",
        "memory end to end, GB/s",
        "of the rows' limit",
        "of memory's",
    )
    return Table(header, tuple(rows)).markdown()


def parity() -> str:
    result = load("parity")
    rows, notes = [], []
    for name, figures in result["sets"].items():
        for way, other in figures["ways"].items():
            rows.append(
                (
                    f"{name}: {way}",
                    f"{other['largest_difference']:.1e}",
                    f"{other['other_decisions']:,} of {figures['decisions']:,}",
                )
            )
        notes.append(
            f"{name}: {figures['texts']:,} texts, {figures['tokens']:,} tokens; the compiled "
            f"tokeniser has other ids than the reference in {figures['texts_with_other_ids']:,} "
            "texts."
        )
    answers = result["int8_answers"]
    notes.append(
        f"Of the {answers['answers']:,} answers of filters to words, {answers['cut']:,} had no "
        "room in int8 and were cut."
    )
    header = ("against the reference", "largest difference in a probability", "other labels")
    return "\n\n".join([Table(header, tuple(rows)).markdown(), *notes, origin(result)])


def speed_headline() -> str:
    """Return the README's lines on speed."""
    result = load("speed")
    peers = {n: p for n, p in result["peers"].items() if "error" not in p}
    ours = peers["emoconv-arrow"]
    rows = tuple(
        (
            figures["about"],
            f"{figures['rates']['goemotions']['2']['median']:,.0f}",
            f"{figures['cost_ratio']:,.1f}",
            f"{figures['memory']['loaded_mb']:,.0f} MB",
        )
        for name, figures in peers.items()
        if name in {"emoconv-arrow", "emoconv-numpy", "fasttext", "model2vec", "roberta-int8"}
    )
    header = (
        "GoEmotions test texts",
        "texts per second, 2 cores",
        "cost per text",
        "memory, loaded",
    )
    origin = (
        f"One text takes {1e3 * ours['latency_ms']['p50']:,.0f} microseconds. One run, commit "
        f"`{result['commit'][:12]}`; all peers and how: [benchmarks/speed.md](benchmarks/speed.md)."
    )
    return Table(header, rows).markdown() + "\n\n" + origin


def scoring_section() -> str:
    """Return the page of benchmarks' section on scoring files."""
    more = "Formats, other ways, and runs that were cut off: [scoring.md](scoring.md)."
    return f"## Scoring files\n\n{headline_table(load('scoring'))}\n\n{more}\n\n"


def scoring_page() -> str:
    """Return the page on scoring files."""
    scoring, interruptions = map(load, SCORING_RESULTS)
    return (
        (HERE / "text/scoring.md")
        .read_text()
        .format(
            headline=headline_table(scoring),
            scoring_origin=origin(scoring),
            growth=growth_table(scoring),
            formats=formats_table(scoring),
            peers=peers_table(scoring),
            interruptions=interruptions_table(interruptions),
            events=events_table(interruptions),
            interruptions_origin=origin(interruptions),
        )
    )


def measured(names: tuple[str, ...]) -> bool:
    return all((HERE / f"results/{name}.json").exists() for name in names)


def headline() -> str:
    result = load(SHIPPED)
    figures, first = result["summary"], result["runs"][0]
    row = (
        f"emoconv, `default` recipe, mean of {len(result['runs'])} seeds",
        spread(figures["micro_f1"]),
        spread(figures["macro_f1"]),
        f"{load('install')['bundle_mb']:.1f} MB",
    )
    origin = (
        f"GoEmotions, official test split, {first['data']['rows']:,} texts; one threshold per "
        f"label (rule `{first['thresholds']['rule']}`), chosen on dev; commit "
        f"`{result['commit'][:12]}`; `python benchmarks/quality.py {SHIPPED}`."
    )
    return Table(("model", "micro F1", "macro F1", "size"), (row,)).markdown() + "\n\n" + origin


def card_figures() -> str:
    result = load(SHIPPED)
    run = result["runs"][0]
    origin = (
        f"Official test split, {run['data']['rows']:,} texts, seed {run['seed']}, commit "
        f"`{result['commit'][:12]}`, thresholds (cuts) and calibration from dev. The intervals are "
        "95 % bootstrap intervals over texts; AP is average precision, ECE expected calibration "
        "error, support the texts that have the label."
    )
    commands = "\n".join(result["commands"])
    tables = evaluation_markdown(from_dict(Evaluation, run["evaluation"]))
    return "\n\n".join([origin, tables, f"```bash\n{commands}\n```"])


def published() -> str:
    run = load(SHIPPED)["runs"][0]
    return published_table(from_dict(Evaluation, run["evaluation"]))


def example() -> str:
    """Return what the README's first command prints."""
    typed = re.search(r'emoconv detect ("[^"]*")', (ROOT / "README.md").read_text())
    if typed is None:
        raise SystemExit("README.md holds no `emoconv detect` command")
    program = str(Path(sys.executable).with_name("emoconv"))
    return subprocess.run(
        [program, "detect", *shlex.split(typed[1])], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def between(text: str, name: str, content: str) -> str:
    """Return a document with what stands between two markers replaced."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    block = f"{start}\n{content}\n{end}"
    return re.sub(f"{start}.*?{end}", lambda _: block, text, flags=re.DOTALL)


def service_page() -> str:
    """Return the page on the service under load."""
    result = load("service")
    alive = result["alive"]
    return (
        (HERE / "text/service.md")
        .read_text()
        .format(
            commit=result["commit"][:12],
            date=result["date"],
            load=load_table(result),
            overload=overload_table(result),
            live_p50=alive["live_p50_ms"],
            live_max=alive["live_max_ms"],
            live_count=alive["asked"],
            fuzz=fuzz_table(result),
            stop=stop_table(result),
        )
    )


def installs() -> str:
    """Return what each extra takes, as it is installed alone."""
    result = load("installs")
    rows = tuple(
        (
            "none" if name == "base" else f"`{name}`",
            f"{found['mb']:,}",
            f"{found['packages']}",
            f"{found['seconds']:.0f}",
        )
        for name, found in result["extras"].items()
    )
    note = (
        "With all that it needs, in an environment of its own, in the versions of "
        "`constraints.txt` (torch: the build for processors); seconds without the network. "
        f"`{result['command']}`, commit `{result['commit'][:12]}`, {result['date']}, two cores, "
        f"Python {result['python']}."
    )
    return Table(("extra", "MB on disk", "packages", "seconds"), rows).markdown() + "\n\n" + note


def training_page() -> str:
    """Return the page on larger trainings with its tables."""
    text, result = TRAINING.read_text(), load("training")
    text = between(text, "devices", devices_table(result["devices"]))
    text = between(text, "processes", processes_table(result["processes"]))
    return between(text, "large", large_table(result["large"]))


def documents() -> dict[Path, str]:
    """Return every generated document with its content."""
    template = (HERE / "text/README.md").read_text()
    card = (HERE / "text/model_card.md").read_text()
    shown = f"```text\n{example()}```"
    readme = between((ROOT / "README.md").read_text(), "results", headline())
    found = {
        ROOT / "README.md": between(readme, "example", shown),
        HERE / "README.md": template.format(
            quality=quality(),
            ablation=ablation(),
            peers=peers(),
            sweep=sweep(),
            install=install(),
            scoring=scoring_section() if measured(SCORING_RESULTS) else "",
        ),
        MODEL_CARD: card.format(figures=card_figures(), published=published()),
    }
    tests, terms = families_table(load("behaviour")), terms_table(load("behaviour"))
    found[BEHAVIOUR] = between(between(BEHAVIOUR.read_text(), "families", tests), "terms", terms)
    found[DOCTOR] = between(DOCTOR.read_text(), "verdicts", verdicts_table(load("doctor")))
    found[EXPORT] = between(EXPORT.read_text(), "speed", onnx_table(load("onnx_parity")))
    found[MIGRATION] = between(MIGRATION.read_text(), "parity", keras_table(load("keras_parity")))
    found[TRAINING] = training_page()
    found[VERSIONS] = between(VERSIONS.read_text(), "installs", installs())
    found[HERE / "service.md"] = service_page()
    if measured(SCORING_RESULTS):
        found[HERE / "scoring.md"] = scoring_page()
    if measured(SPEED_RESULTS):
        found[ROOT / "README.md"] = between(found[ROOT / "README.md"], "speed", speed_headline())
        found[EXPLANATION] = between(EXPLANATION.read_text(), "breakdown", breakdown())
        found[HERE / "speed.md"] = (
            (HERE / "text/speed.md")
            .read_text()
            .format(
                speed=speed(),
                weight=weight(),
                growth=growth(),
                breakdown=breakdown(),
                parity=parity(),
            )
        )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    stale = [p for p, text in documents().items() if not p.exists() or p.read_text() != text]
    if parser.parse_args().check:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date; run python benchmarks/tables.py")
        return 1 if stale else 0
    for path, text in documents().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
