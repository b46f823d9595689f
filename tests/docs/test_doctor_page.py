"""The pages on the data doctor and on behaviour do what they say, on small data."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from emoconv.behaviour import RULES, load_families
from emoconv.cli import main
from emoconv.data import read

ROOT = Path(__file__).parents[2]
LABELS = ("joy", "anger", "sadness")


def page(name):
    return (ROOT / f"docs/how-to/{name}.md").read_text(encoding="utf-8")


def blocks(name, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page(name), re.DOTALL | re.MULTILINE)


def run_commands(name):
    for block in blocks(name, "bash"):
        for line in block.splitlines():
            main(shlex.split(line)[1:], prog_name="emoconv", standalone_mode=False)


@pytest.fixture
def workplace(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMOCONV_DATA_DOCTOR_SET", "model.filters=8 training.epochs=2")
    shutil.copytree(tiny, "data/goemotions")
    shutil.copytree(ROOT / "tests/data/bundle_v2", "my-model")
    dataset = read(tiny / "train.tsv")
    y = dataset.y[:, [dataset.labels.index(label) for label in LABELS]].astype(int)
    rows = [
        f'"{text}",{",".join(map(str, row))}'
        for text, row in zip(dataset.texts, y.tolist(), strict=True)
        if '"' not in text
    ]
    Path("reviews.csv").write_text("\n".join([f"text,{','.join(LABELS)}", *rows]), "utf-8")


@pytest.mark.usefixtures("workplace")
def test_the_page_on_the_doctor_runs(capsys):
    run_commands("doctor")
    assert "clean.csv: " in capsys.readouterr().out
    assert {"suspects.csv", "held-out.parquet", "clean.csv"} <= {p.name for p in Path().iterdir()}


@pytest.mark.usefixtures("workplace")
def test_the_page_on_behaviour_runs(capsys):
    Path("parcels.json").write_text(blocks("behaviour", "json")[0], encoding="utf-8")
    names = {}
    for block in blocks("behaviour", "python"):
        exec(compile(block, "behaviour.md", "exec"), names)  # noqa: S102 - our own page
    run_commands("behaviour")
    assert f"{names['results'].summary}\n" in capsys.readouterr().out


def test_the_page_has_every_family_and_rule():
    for family in load_families():
        assert re.search(
            rf"^\| [^|]*{family.name}[^|]* \| {family.rule} \|", page("behaviour"), re.MULTILINE
        )
    assert list(RULES) == re.findall(r"^\| `(\w+)` \|", page("behaviour"), re.MULTILINE)


def test_the_figures_in_the_prose_are_those_of_the_results():
    results = ROOT / "benchmarks/results"
    found = json.loads((results / "behaviour.json").read_text("utf-8"))
    left_out = found["words_for_groups_left_out"]
    scores = [f"{score:.3f}"[1:] for score in left_out["micro_f1"].values()]
    text = " ".join(page("behaviour").split())
    assert f"On the {left_out['dev_texts_with_a_term']} dev texts" in text
    assert "micro F1 falls from {} to {}".format(*scores) in text
    train = json.loads((results / "doctor.json").read_text("utf-8"))["train"]
    text = " ".join(page("doctor").split())
    assert f"are {train['suspects']:,} rows" in text
    repeats = train["repeats"]["normalised"]
    assert f"{repeats['texts_conflicting']} texts, after `normalise`" in text
    assert f"on {repeats['rows_conflicting']} rows" in text
