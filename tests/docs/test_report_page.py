"""The page on reports and comparisons does what it says, on small data."""

import re
import shlex
import shutil
from pathlib import Path

from emoconv.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/report.md").read_text(encoding="utf-8")


def commands():
    blocks = re.findall(r"^```bash\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def test_the_page_runs(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny, "data/goemotions")
    for name in ("my-model", "other-model"):
        shutil.copytree(ROOT / "tests/data/bundle_v2", name)
    monkeypatch.setenv("EMOCONV_COMPARE_RESAMPLES", "100")

    for words in commands():
        main(words, prog_name="emoconv", standalone_mode=False)

    assert "A: my-model\nB: other-model\n60 texts" in capsys.readouterr().out
    titles = re.findall(r'<h2 id="[^"]*">(.*?)</h2>', Path("report.html").read_text("utf-8"))
    rows = re.findall(r"^\| ([^|]+) \|", PAGE, re.MULTILINE)
    assert titles == [row.strip() for row in rows if row.strip() not in ("Section", "---")]
