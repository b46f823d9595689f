"""Write what ``measure_container.py`` found into the tables of ``docs/how-to``.

Run:  python dev/container_tables.py [--check]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/container.json"
PAGES = {"image": "docs/how-to/deploy.md", "capacity": "docs/how-to/serve.md"}


def image_table(found: dict[str, Any]) -> str:
    """Return how large the image is, and another would be."""
    base, other = found["base"], found["transformer"]
    versions = f"torch {other['torch']} and transformers {other['transformers']}"
    packages = ", ".join(f"{name} {mb:,.0f}" for name, mb in found["packages_mb"].items())
    rows = [
        (f"base, `{base['image']}`", base["mb"], base["compressed_mb"]),
        (
            "emoconv, its model and what it needs",
            found["added_mb"],
            found["added_compressed_mb"],
        ),
        (
            "**together**",
            base["mb"] + found["added_mb"],
            base["compressed_mb"] + found["added_compressed_mb"],
        ),
        (f"the same base with {versions}", base["mb"] + other["packages_mb"], None),
        (
            "and the weights of a model of RoBERTa-base's size",
            base["mb"] + other["packages_mb"] + other["weights_mb"],
            None,
        ),
    ]
    lines = [
        f"| {name} | {mb:,.0f} MB | {'' if sent is None else f'{sent:,.0f} MB'} |"
        for name, mb, sent in rows
    ]
    foot = (
        f"Largest of what emoconv needs, in MB: {packages}. The size of the base is what its "
        f"publisher says ({base['source']}); the rest is measured: {source(found)}."
    )
    return "\n".join(["| | on disk | as it is sent |", "|---|--:|--:|", *lines, "", foot])


def capacity_table(found: dict[str, Any]) -> str:
    """Return what the service takes."""
    service, start = found["service"], found["start"]
    rates = [
        f"| {one['clients']} | {one['texts']} | {one['cpu_ms']:,.2f} ms | "
        f"{1000 / one['cpu_ms']:,.0f} | {1000 * one['texts'] / one['cpu_ms']:,.0f} |"
        for one in service["loads"]
    ]
    made, making = start["cpu_seconds"], start["compiling_cpu_seconds"]
    takes = [
        f"| memory once ready | {service['ready_mb']:,.0f} MB |",
        f"| memory under the loads above | {service['used_mb']:,.0f} MB |",
        f"| memory after 64 clients sent the largest requests | {service['worst_mb']:,.0f} MB |",
        f"| processor time until it is ready | {made:,.1f} s |",
        f"| the same where machine code has to be made first | {making:,.0f} s |",
    ]
    foot = f"Texts of {found['text_characters']:,.0f} characters on average; {source(found)}."
    head = "| clients | texts in a request | processor time | requests a second and core | texts |"
    table = [head, "|--:|--:|--:|--:|--:|", *rates, "", "| | |", "|---|--:|", *takes, "", foot]
    return "\n".join(table)


def source(found: dict[str, Any]) -> str:
    """Return where figures are from."""
    return f"`{found['command']}`, commit `{found['commit'][:12]}`, {found['date']}"


def filled(page: str, name: str, table: str) -> str:
    """Return a page with a table between its marks."""
    before, start, rest = page.partition(f"<!-- {name}:start -->\n")
    _, end, after = rest.partition(f"<!-- {name}:end -->")
    assert start
    assert end
    return f"{before}{start}{table}\n{end}{after}"


def main() -> int:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    tables = {"image": image_table(found), "capacity": capacity_table(found)}
    stale = 0
    for name, table in tables.items():
        path = ROOT / PAGES[name]
        page = path.read_text(encoding="utf-8")
        wanted = filled(page, name, table)
        stale += page != wanted
        if "--check" not in sys.argv:
            path.write_text(wanted, encoding="utf-8")
    return stale if "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
