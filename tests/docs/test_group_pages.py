"""What the pages on groups and on long texts show can be run as it stands, on small data."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from emoconv.bundle import shipped_bundle
from emoconv.cli import main

DOCS = Path(__file__).parents[2] / "docs/how-to"

pytestmark = pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)


def blocks(page, language):
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def run(page, capsys):
    """Run the commands and programs of a page, and return what the commands print, each of it."""
    printed = []
    for block in blocks(page, "bash"):
        for line in block.splitlines():
            main(shlex.split(line)[1:], prog_name="emoconv", standalone_mode=False)
            printed.append(capsys.readouterr().out)
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), {})  # noqa: S102 - our own page
    return printed


def test_the_page_on_groups_runs(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny, "data/goemotions")
    Path("moods.json").write_text(blocks("group.md", "json")[0], encoding="utf-8")
    Path("comments.csv").write_text("id,body\n1,so happy\n2,hm\n", encoding="utf-8")

    printed = run("group.md", capsys)

    assert "anger" in printed[0]
    header = Path("scored.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    groups = ("positive", "negative", "ambiguous", "neutral")
    expected = ["labels", "top_label", *(f"probability_{group}" for group in groups)]
    assert expected == header[2:]
    assert {"thanks", "trouble", "question"} == set(re.findall(r"([a-z]+) \d", printed[3]))
    assert "What a day\tnot sure\n" in printed[4]
    sure = Path("sure.csv").read_text(encoding="utf-8").partition("\n")[0]
    assert "id,body,labels,top_label,confidence" == sure


def test_the_page_on_long_texts_runs(capsys):
    printed = run("long-texts.md", capsys)

    (shown,) = blocks("long-texts.md", "text")
    assert printed[0].startswith(shown.rpartition(", ...")[0])
