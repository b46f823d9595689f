"""A search as people run it: killed, stopped, in two processes, and by its page."""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emoconv.bundle import read_bundle
from emoconv.cli import main
from trainings import SMALL

PAGE = Path(__file__).parents[2] / "docs/how-to/tune.md"
SPACE = {
    "search": ["training.learning_rate", "model.kernel_widths", "text.tokenizer"],
    "training": {"epochs": 2, "learning_rate": {"high": 0.05}},
}


@pytest.fixture
def workplace(tiny, tmp_path):
    """A folder with recipe, space and the parts that a search may read: no test part."""
    (tmp_path / "recipe.json").write_text(json.dumps(SMALL))
    (tmp_path / "space.json").write_text(json.dumps(SPACE))
    (tmp_path / "data").mkdir()
    for part in ("train", "dev"):
        shutil.copy(tiny / f"{part}.tsv", tmp_path / "data")
    return tmp_path


@pytest.fixture
def start(workplace):
    def begin(output, *more):
        given = [
            *("tune", "--data", "data", "--recipe", "recipe.json", "--space", "space.json"),
            *("--threads", 1, "--seeds", 0, "--output", output, *more),
        ]
        return subprocess.Popen(
            [sys.executable, "-c", "from emoconv.cli import main; main()", *map(str, given)],
            cwd=workplace,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def finish(process, *, code=0):
    out, said = process.communicate()
    assert code == process.returncode, said
    return out, said


def interrupt(process, number):
    """Send a signal when the first trial is over: somewhere in the second."""
    with process:
        for line in process.stderr:
            if line.startswith("trial 0 complete"):
                process.send_signal(number)
                break
        process.stderr.read()
        return process.stdout.read()


def trials_of(folder):
    study = json.loads((folder / "study.json").read_text())
    return [
        (trial["values"], trial["standing"], trial["value"])
        for trial in study["trials"]
        if trial["standing"] not in ("lost", "waiting")
    ]


def test_a_killed_search_goes_on_to_what_it_would_have_been(start, workplace):
    interrupt(start("killed", "--trials", 4), signal.SIGKILL)
    assert not (workplace / "killed/study.json").exists()
    finish(start("killed", "--trials", 4))
    finish(start("whole", "--trials", 4))
    assert trials_of(workplace / "whole") == trials_of(workplace / "killed")
    recipes = [workplace / name / "recipe.json" for name in ("whole", "killed")]
    assert recipes[0].read_bytes() == recipes[1].read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_stopped_writes_what_there_is(start, workplace, number):
    process = start("stopped", "--trials", 99, "--set", "training.batch_size=2")
    out = interrupt(process, number)
    assert 130 == process.returncode
    assert "not compared yet" in out
    assert {"recipe.json", "study.json", "report.html", "study.db"} <= {
        path.name for path in (workplace / "stopped").iterdir()
    }


def test_two_processes_with_one_folder_share_the_work(start, workplace):
    processes = [start("shared", "--trials", 8), start("shared", "--trials", 8)]
    said = [finish(process) for process in processes]
    writers = [out for out, _ in said if out]
    assert 1 == len(writers)
    assert 1 == sum("another process writes shared; this one runs trials" in e for _, e in said)
    study = json.loads((workplace / "shared/study.json").read_text())
    assert 8 <= len(study["trials"]) <= 9
    assert 2 == len({trial["place"] for trial in study["trials"]})


@pytest.fixture
def page_workplace(tiny, tmp_path, monkeypatch):
    """An empty folder with the data in the place that the page names, and little to do."""
    monkeypatch.chdir(tmp_path)
    settings = "model.filters=64 model.embedding_width=8 training.epochs=1"
    for name, value in {
        "TUNE_TRIALS": "2",
        "TUNE_SEEDS": "1",
        "TUNE_SET": settings,
        "TRAIN_SET": "training.epochs=1",
    }.items():
        monkeypatch.setenv(f"EMOCONV_{name}", value)
    shutil.copytree(tiny, "data/goemotions")
    return tmp_path


def blocks(language):
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_page_runs(page_workplace, capsys):
    (space,) = blocks("toml")
    Path("space.toml").write_text(space, encoding="utf-8")
    ran = 0
    for block in blocks("bash"):
        for words in map(shlex.split, block.splitlines()):
            if words[0] == "emoconv":
                main(words[1:], prog_name="emoconv", standalone_mode=False)
                ran += 1
    assert 3 == ran
    assert "training.epochs is 4 in every trial" in capsys.readouterr().err
    bundle = read_bundle(page_workplace / "my-model")
    searched = json.loads(Path("search/recipe.json").read_text())
    assert searched["training"]["learning_rate"] == bundle.config.training.learning_rate
    named = re.findall(r"^`([\w.]+)`\n: ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {*named} == {p.name for p in Path("search").iterdir() if "lock" not in p.name}


def test_the_figures_of_the_page_are_those_of_the_results():
    found = json.loads((PAGE.parents[2] / "benchmarks/results/tuning.json").read_text())
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    finals = found["finals"]
    start, winner = (
        next(e["means"] for e in finals["entries"] if e["trial"] == number)
        for number in (found["start"]["trial"], finals["winner"])
    )
    macro, micro = (finals["differences"][name] for name in ("macro_f1", "micro_f1"))
    ends = ["{low:+.4f} to {high:+.4f}".format(**one["interval"]) for one in (macro, micro)]
    pruning = found["pruning"]
    spared = pruning["epochs_of_all_to_their_end"] - pruning["epochs_trained"]
    for sentence in (
        f"by {winner['chosen_by'] - start['chosen_by']:.4f} on the half that it chose by",
        f"by {macro['estimate']:.4f} on the half held out (95 % interval {ends[0]}): not shown",
        f"Micro F1 fell by {-micro['estimate']:.4f} with it, and that is clear ({ends[1]})",
        f"spared {spared} of {pruning['epochs_of_all_to_their_end']} epochs",
        f"rank correlation of {pruning['rank_correlation_of_epoch_2']} with",
    ):
        assert sentence in text
    assert found["verdict"].startswith("not shown")
    assert "training.feature_dropout" == max(found["importances"], key=found["importances"].get)


def test_the_page_tells_no_option_that_is_not_there():
    told = set(re.findall(r"--[a-z-]+", PAGE.read_text(encoding="utf-8")))
    context = main.make_context("emoconv", ["tune"], resilient_parsing=True)
    options = {name for p in main.get_command(context, "tune").params for name in p.opts}
    assert set() == told - options
