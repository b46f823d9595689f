"""Write the tables of ``results/onnx_parity.json`` and ``keras_parity.json`` into the pages.

Run:  python benchmarks/export_tables.py          (writes)
      python benchmarks/export_tables.py --check  (fails when a page is out of date)
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from emoconv.report import Table
from tables import ROOT, between, load

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ROOT / "docs/how-to"


def onnx_table(result: dict[str, Any]) -> str:
    """Return how many texts a second the graph and the engines take on one core."""
    rates = result["texts_per_second_from_ids"]
    rows = tuple((name, f"{rate:,}") for name, rate in rates.items())
    return Table(("", "texts per second"), rows).markdown()


def keras_table(result: dict[str, Any]) -> str:
    """Return how far a converted model is from Keras by the length of texts, and its F1."""
    reference = result["engines"]["reference"]
    spans = {name: span for name, span in reference.items() if isinstance(span, dict)}
    rows = tuple(
        (
            name,
            f"{span['texts']:,}",
            f"{span['largest_difference']:.2g}",
            f"{span['mean_difference']:.2g}",
            f"{span['other_decisions']:,} of {span['decisions']:,}",
        )
        for name, span in spans.items()
    )
    header = ("texts", "number", "largest difference", "in the mean", "other decisions")
    return (
        f"{Table(header, rows).markdown()}\n\nMicro F1 on dev, at {result['threshold']}: "
        f"{result['keras_micro_f1']:.3f} with Keras' answers, {reference['micro_f1']:.3f} with "
        "those of the bundle, which reads the whole text."
    )


def documents() -> dict[Path, str]:
    """Return the pages with their tables."""
    export, migrate = PAGES / "export.md", PAGES / "migrate.md"
    return {
        export: between(export.read_text(), "speed", onnx_table(load("onnx_parity"))),
        migrate: between(migrate.read_text(), "parity", keras_table(load("keras_parity"))),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    stale = {path: text for path, text in documents().items() if path.read_text() != text}
    if parser.parse_args().check:
        for path in stale:
            print(
                f"{path.relative_to(ROOT)} is out of date; run python benchmarks/export_tables.py"
            )
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
