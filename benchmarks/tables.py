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

HERE = Path(__file__).parent
ROOT = HERE.parent
MODEL_CARD = ROOT / "src/emoconv/model/README.md"
SHIPPED = "default-official"


def load(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((HERE / "results" / f"{name}.json").read_text())
    return result


def spread(figure: dict[str, float]) -> str:
    sd = "" if figure["sd"] is None else f" ± {figure['sd']:.3f}"
    return f"{figure['mean']:.3f}{sd}"


def interval(scores: dict[str, Any]) -> str:
    return f"{scores['f1_interval']['low']:.3f} to {scores['f1_interval']['high']:.3f}"


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
    lines = [
        "| experiment | micro F1 | macro F1 | mean AP | training, s |",
        "|---|--:|--:|--:|--:|",
    ]
    notes = []
    for name in json.loads((HERE / "experiments.json").read_text()):
        result = load(name)
        s = result["summary"]
        lines.append(
            f"| `{name}` | {spread(s['micro_f1'])} | {spread(s['macro_f1'])} "
            f"| {spread(s['average_precision'])} | {s['train_seconds']['mean']:.0f} |"
        )
        commands = "\n".join(result["commands"])
        notes.append(f"**`{name}`**: {source(result)}\n\n```bash\n{commands}\n```")
    lines += ["", "± is the sample standard deviation over seeds."]
    return "\n\n".join(["\n".join(lines), *notes])


def sweep() -> str:
    lines = ["| cut | micro P | micro R | micro F1 | macro F1 |", "|--:|--:|--:|--:|--:|"]
    for row in load("blog-official-reddit300")["runs"][0]["sweep"]:
        micro = row["micro"]
        lines.append(
            f"| {row['cut']} | {micro['precision']:.3f} | {micro['recall']:.3f} "
            f"| {micro['f1']:.3f} | {row['macro']['f1']:.3f} |"
        )
    return "\n".join(lines)


def install() -> str:
    figures = load("install")
    return "\n".join(
        [
            "| figure | value |",
            "|---|--:|",
            f"| base install, packages and all | {figures['base_install_mb']:.0f} MB |",
            f"| installing it, with a package cache | {figures['install_seconds']:.0f} s |",
            f"| the model's folder | {figures['bundle_mb']:.1f} MB |",
            f"| `import emoconv` | {figures['import_emoconv_ms']:.0f} ms |",
            f"| import and load the model | {figures['import_and_load_ms']:.0f} ms |",
            f"| `emoconv detect TEXT`, cold | {figures['detect_cold_seconds']:.2f} s |",
            "",
            (
                f"`{figures['command']}`, commit "
                f"`{figures['commit'][:12]}`; medians of seven runs on two cores."
            ),
        ]
    )


def headline() -> str:
    result = load(SHIPPED)
    s, first = result["summary"], result["runs"][0]
    return "\n".join(
        [
            "| model | micro F1 | macro F1 | size |",
            "|---|--:|--:|--:|",
            (
                f"| emoconv, `default` recipe, mean of {len(result['runs'])} seeds "
                f"| {spread(s['micro_f1'])} | {spread(s['macro_f1'])} "
                f"| {load('install')['bundle_mb']:.1f} MB |"
            ),
            "",
            (
                f"GoEmotions, official test split, {first['data']['rows']:,} texts; one threshold "
                f"per label (rule `{first['thresholds']['rule']}`), chosen on dev; commit "
                f"`{result['commit'][:12]}`; `python benchmarks/quality.py {SHIPPED}`."
            ),
        ]
    )


def card_figures() -> str:
    result = load(SHIPPED)
    run = result["runs"][0]
    evaluation = run["evaluation"]
    lines = [
        (
            f"Official test split, {run['data']['rows']:,} texts, seed 0, commit "
            f"`{result['commit'][:12]}`, thresholds and calibration from dev. 95 % bootstrap "
            "intervals over texts."
        ),
        "",
        (
            f"Micro F1 {evaluation['micro']['f1']:.3f} ({interval(evaluation['micro'])}), macro F1 "
            f"{evaluation['macro']['f1']:.3f} ({interval(evaluation['macro'])}), mean average "
            f"precision {evaluation['average_precision']:.3f}, expected calibration error "
            f"{evaluation['calibration_error']:.4f}."
        ),
        "",
        "| label | threshold | precision | recall | F1 | 95 % interval | texts |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {s['label']} | {s['threshold']:.3f} | {s['precision']:.3f} | {s['recall']:.3f} "
        f"| {s['f1']:.3f} | {interval(s)} | {s['support']} |"
        for s in evaluation["per_label"]
    ]
    commands = "\n".join(result["commands"])
    return "\n".join([*lines, "", f"```bash\n{commands}\n```"])


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


def documents() -> dict[Path, str]:
    """Return every generated document with its content."""
    template = (HERE / "text/README.md").read_text()
    card = (HERE / "text/model_card.md").read_text()
    shown = f"```text\n{example()}```"
    readme = between((ROOT / "README.md").read_text(), "results", headline())
    return {
        ROOT / "README.md": between(readme, "example", shown),
        HERE / "README.md": template.format(quality=quality(), sweep=sweep(), install=install()),
        MODEL_CARD: card.format(figures=card_figures()),
    }


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
