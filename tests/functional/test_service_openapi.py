"""The service answers as its OpenAPI document says, whatever schemathesis thinks of to ask."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emoconv.bundle import write_bundle
from serving import serving
from untrained import untrained_bundle

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = 40


@pytest.mark.parametrize("kind", ["shipped", "own"])
def test_what_is_answered_is_what_is_described(tmp_path, kind):
    options, headers = [], []
    if kind == "own":  # a model of other labels, with a grouping of its own, and with keys
        write_bundle(untrained_bundle(), tmp_path / "bundle")
        (tmp_path / "moods.json").write_text('{"good": ["joy"], "bad": ["anger", "boredom"]}')
        options = ["--model", str(tmp_path / "bundle"), "--grouping", str(tmp_path / "moods.json")]
        options += ["--api-key", "one"]
        headers = ["--header", "Authorization: Bearer one"]
    with serving(tmp_path, *options) as server:
        done = subprocess.run(
            [
                *(sys.executable, "-c", "from schemathesis.cli import schemathesis as s; s()"),
                *("--config-file", CONFIG, "run", f"{server.url}/openapi.json", *headers),
                *("--max-examples", str(EXAMPLES), "--no-color"),
                *(["--generation-deterministic"] if "CI" in os.environ else []),
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert 0 == done.returncode, done.stdout[-5_000:] + done.stderr
        assert [] == server.events("failed")
