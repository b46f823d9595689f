"""What the page without a server weighs and how fast it is, in Node and in Chromium.

The page is written with the shipped model. Its files are weighed as they are and as a web server
that compresses sends them (gzip, level 6). Each engine reads the files from memory, loads five
times, and takes the first GoEmotions test texts, first with no word met before and then again;
nothing is chosen here. Writes ``results/page.json``.

Run:  python benchmarks/page.py --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import gzip
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from emoconv.bundle import shipped_bundle
from emoconv.page import write_page
from quality import git
from speed import machine

HERE = Path(__file__).parent
TIMING = HERE / "page_timing.mjs"
TEXTS = 1000

IN_NODE = """
import { readFileSync } from "node:fs";
const [page, timing, texts] = process.argv.slice(2);
const { measure } = await import(timing);
const { Detector } = await import(`${page}/engine/detector.js`);
const files = new Map();
const read = async (name) => {
  if (!files.has(name)) files.set(name, readFileSync(`${page}/model/${name}`));
  return files.get(name);
};
const found = await measure({ Detector, read, texts: JSON.parse(readFileSync(texts, "utf8")) });
console.log(JSON.stringify({ version: process.version, ...found }));
"""
IN_CHROMIUM = """async (texts) => {
  const { measure } = await import("./page_timing.mjs");
  const { Detector } = await import("./engine/detector.js");
  const files = new Map();
  const read = async (name) => {
    if (!files.has(name)) files.set(name, await (await fetch(`model/${name}`)).arrayBuffer());
    return files.get(name);
  };
  return measure({ Detector, read, texts });
}"""
OPEN = """() => document.querySelector("#work:not([hidden])") !== null"""


def weight(folder: Path, names: list[str]) -> dict[str, int]:
    """Return the bytes of files, as they are and compressed."""
    contents = [(folder / name).read_bytes() for name in names]
    packed = [len(gzip.compress(content, 6, mtime=0)) for content in contents]
    return {"files": len(names), "bytes": sum(map(len, contents)), "gzip_bytes": sum(packed)}


def weights(page: Path) -> dict[str, dict[str, int]]:
    head = json.loads((page / "page.json").read_text(encoding="utf-8"))
    kinds: dict[str, list[str]] = {"engine": [], "model": [], "page": []}
    for name in head["written"]:
        start = name.split("/")[0]
        kinds[start if start in kinds else "page"].append(name)
    found = {kind: weight(page, names) for kind, names in kinds.items()}
    found["all"] = weight(page, head["written"])
    found["weights.safetensors"] = weight(page, ["model/weights.safetensors"])
    return found


def in_node(page: Path, texts: list[str], folder: Path) -> dict[str, Any]:
    (folder / "texts.json").write_text(json.dumps(texts), encoding="ascii")
    (folder / "run.mjs").write_text(IN_NODE, encoding="ascii")
    node = shutil.which("node") or "node"
    command = [node, "run.mjs", str(page), str(TIMING), "texts.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class Files(http.server.SimpleHTTPRequestHandler):
    """A static host that says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing of what is asked."""


def in_chromium(page: Path, texts: list[str], chromium: Path) -> dict[str, Any]:
    shutil.copy(TIMING, page)
    handler = functools.partial(Files, directory=str(page))
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever).start()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        address = f"http://127.0.0.1:{server.server_port}"
        tab = browser.new_page()
        tab.goto(f"{address}/page.json")
        found = {"version": browser.version, **tab.evaluate(IN_CHROMIUM, texts)}
        tab = browser.new_page()
        started = time.perf_counter()
        tab.goto(f"{address}/index.html")
        tab.wait_for_function(OPEN)
        found["page_ready_ms"] = 1e3 * (time.perf_counter() - started)
        browser.close()
        server.shutdown()
    return found


def rounded(found: dict[str, Any]) -> dict[str, Any]:
    """Return numbers of four digits or fewer; whole ones as they are."""
    return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("EMOCONV_DATA"))
    parser.add_argument("--chromium", type=Path, default=Path("/usr/bin/chromium"))
    parser.add_argument("--output", type=Path, default=HERE / "results/page.json")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data FOLDER, or set EMOCONV_DATA")
    before = machine()
    lines = (options.data / "goemotions/test.tsv").read_text(encoding="utf-8").splitlines()
    texts = [line.split("\t")[0] for line in lines[:TEXTS]]
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page"
        write_page(shipped_bundle(), page)
        result = {
            "command": "python benchmarks/page.py --data DATA",
            "commit": git("rev-parse", "HEAD")
            + ("+" if git("status", "--porcelain", "--", ":/src") else ""),
            "date": dt.datetime.now(dt.UTC).date().isoformat(),
            "machine": before,
            "weight": weights(page),
            "node": rounded(in_node(page, texts, Path(folder))),
            "chromium": rounded(in_chromium(page, texts, options.chromium)),
        }
    print(json.dumps(result, indent=1), file=sys.stderr)
    options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
