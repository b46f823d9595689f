"""The commands and the program of the page on explanations can be run as they stand."""

import re
import shlex
from pathlib import Path

import pytest

from emoconv.bundle import shipped_bundle
from emoconv.cli import main

PAGE = (Path(__file__).parents[2] / "docs/how-to/explain.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


def commands():
    return [shlex.split(line)[1:] for block in blocks("bash") for line in block.splitlines()]


def run(words):
    main(words, prog_name="emoconv", standalone_mode=False)


def test_the_example_is_what_the_command_prints(capsys):
    run(commands()[0])
    assert blocks("text")[0] == capsys.readouterr().out


def test_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    texts = ["so proud of my team", "what a loss, rest in peace", "I love it!"]
    Path("comments.txt").write_text("\n".join(texts), encoding="utf-8")
    rows = "".join(f'{i},"{text}"\n' for i, text in enumerate(texts))
    Path("comments.csv").write_text("id,body\n" + rows, encoding="utf-8")

    for block in blocks("python"):
        exec(compile(block, "explain.md", "exec"), {})  # noqa: S102 - our own page
    for words in commands():
        with Path("comments.txt").open(encoding="utf-8") as stream:
            monkeypatch.setattr("sys.stdin", stream)
            run(words[: words.index("<")] if "<" in words else words)

    printed = capsys.readouterr().out
    assert '"text": "so proud of my team"' in printed
    assert "strongest phrases in 3 texts" in printed
    assert Path("why.html").read_text(encoding="ascii").startswith("<section")
    assert "pride,proud,1," in Path("pride.csv").read_text(encoding="utf-8")
