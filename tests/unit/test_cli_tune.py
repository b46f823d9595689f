import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from emoconv.cli import main
from emoconv.cli.tune_text import TuneScreen
from emoconv.labels import GOEMOTIONS
from emoconv.train import load_recipe
from emoconv.tuning import running
from emoconv.tuning.records import TrialRecord
from emoconv.tuning.search import Limits
from trainings import SMALL
from tunings import Heard, NoBar, quick_task

SPACE = """
search = ["training.learning_rate", "model.kernel_widths"]
[training]
epochs = 1
learning_rate = { high = 0.05 }
"""


@pytest.fixture
def tune(tmp_path, tiny):
    (tmp_path / "recipe.json").write_text(json.dumps(SMALL))
    (tmp_path / "space.toml").write_text(SPACE)

    def invoke(*arguments):
        given = [
            *("--data", tiny, "--recipe", tmp_path / "recipe.json"),
            *("--space", tmp_path / "space.toml", "--output", tmp_path / "out"),
            *("--trials", 2, "--finalists", 1, "--seeds", 1, *arguments),
        ]
        return CliRunner().invoke(main, ["tune", *map(str, given)])

    return invoke


def test_a_search_writes_a_recipe_a_summary_and_a_page(tune, tmp_path):
    result = tune()
    assert 0 == result.exit_code, result.stderr
    output = tmp_path / "out"
    first, *_, recipe, summary, page = result.stdout.splitlines()
    assert first.split() == ["trials", "2", "complete"]
    assert [str(output / name) for name in ("recipe.json", "study.json", "report.html")] == [
        recipe,
        summary,
        page,
    ]
    study = json.loads((output / "study.json").read_text())
    assert study["verdict"] in result.stdout
    assert 1 == load_recipe(recipe).training.epochs
    assert study["verdict"][1:] in (output / "report.html").read_text()
    assert f"sqlite:///{output / 'study.db'}" == study["storage"]


def test_progress_is_a_line_a_trial_on_standard_error(tune):
    lines = tune().stderr.splitlines()
    number = r"\d\.\d{4}"
    expected = [
        r"training\.epochs is 1 in every trial",
        rf"trial 0 complete: macro F1 {number}; best {number}, trial 0; \d+ s; the recipe to .*",
        rf"trial 1 complete: macro F1 {number}; best {number}, trial \d; \d+ s; .*rate [\d.]+.*",
        rf"final: trial 0, seed 0: macro F1 {number}",
    ]
    for pattern, line in zip(expected, lines, strict=False):
        assert re.fullmatch(pattern, line), line


def test_json_is_printed_for_machines(tune):
    result = tune("--json", "--seeds", 0, "--objective", "micro_f1", "--seed", 5)
    found = json.loads(result.stdout)
    assert ("micro_f1", None, {"complete": 2}) == (
        found["objective"],
        found["finals"],
        found["tally"],
    )
    assert found["verdict"].startswith("not compared yet: trial ")
    assert 0 == found["start"]["trial"]
    study = json.loads(Path(found["files"][1]).read_text())
    assert 5 == study["seed"]


def test_the_same_command_goes_on(tune, tmp_path):
    tune("--seeds", 0)
    result = tune("--seeds", 0, "--trials", 3)
    assert ["trial 2 complete"] == [
        line.partition(":")[0] for line in result.stderr.splitlines() if "complete: " in line
    ]
    again = tune("--trials", 3)
    assert "final: trial 0, seed 0" in again.stderr
    assert "complete: " not in again.stderr
    assert 3 == len(json.loads((tmp_path / "out/study.json").read_text())["trials"])


def test_a_pruned_and_a_failed_trial_are_said(capsys):
    screen = TuneScreen(quick_task())
    trial = TrialRecord(
        number=3, standing="pruned", value=0.25, history=({}, {}), seconds=75, values={}
    )
    screen.trial(trial, None)
    screen.trial(replace(trial, standing="failed", reason="MemoryError"), trial)
    assert [
        "trial 3 pruned: macro F1 0.2500 after epoch 2; 1 min 15 s; the recipe to begin from",
        "trial 3 failed: MemoryError; best 0.2500, trial 3; 1 min 15 s; the recipe to begin from",
    ] == capsys.readouterr().err.splitlines()


def interrupt_after(monkeypatch, name, *, calls):
    """Let a method of the bench stand for somebody who presses Ctrl-C at its nth call."""
    real, made = getattr(running.Bench, name), []

    def method(self, *arguments, **options):
        made.append(1)
        if len(made) == calls:
            raise KeyboardInterrupt
        return real(self, *arguments, **options)

    monkeypatch.setattr(running.Bench, name, method)


def test_ctrl_c_in_a_trial_writes_what_there_is(tune, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        interrupt_after(patch, "score", calls=2)
        result = tune()
    assert 130 == result.exit_code
    assert "stopped; the same command goes on" == result.stderr.splitlines()[-1]
    study = json.loads((tmp_path / "out/study.json").read_text())
    assert ["complete", "lost", "waiting"] == [trial["standing"] for trial in study["trials"]]
    assert "not compared yet" in result.stdout

    result = tune()
    assert 0 == result.exit_code
    assert "not compared yet" not in result.stdout


def test_ctrl_c_in_the_finals_writes_what_there_is(tune, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        interrupt_after(patch, "bundle", calls=2)
        result = tune("--seeds", 2)
    assert (130, True) == (result.exit_code, "not compared yet" in result.stdout)
    assert 1 == len(list((tmp_path / "out/finals").iterdir()))
    assert 0 == tune("--seeds", 2).exit_code


def test_ctrl_c_before_any_trial_is_complete_leaves_nothing_to_write(tune, tmp_path, monkeypatch):
    interrupt_after(monkeypatch, "score", calls=1)
    result = tune()
    assert (1, "") == (result.exit_code, result.stdout)
    assert "no trial is complete yet; the same command goes on with the search" in result.stderr
    assert not (tmp_path / "out/recipe.json").exists()


def test_a_worker_runs_trials_and_writes_nothing(tune, tmp_path):
    storage = f"sqlite:///{tmp_path / 'shared.db'}"
    result = tune("--worker", "--storage", storage)
    assert (0, "") == (result.exit_code, result.stdout)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    result = tune("--storage", storage)
    assert "complete: " not in result.stderr
    assert "trials" in result.stdout


def test_a_second_process_with_the_same_output_is_a_worker(tune, tmp_path):
    (tmp_path / "out").mkdir()
    with running.FileLock(tmp_path / "out/tune.lock"):
        result = tune()
    assert (0, "") == (result.exit_code, result.stdout)
    assert f"another process writes {tmp_path / 'out'}; this one runs trials for it" in (
        result.stderr.splitlines()
    )
    assert not (tmp_path / "out/study.json").exists()


def test_a_first_recipe_that_is_not_complete_is_said(tune, monkeypatch):
    monkeypatch.setattr(running.Outcome, "first", None)
    result = tune()
    assert "the recipe to begin from is not complete: nothing is compared" in result.stderr


def test_the_packages_space_is_printed():
    result = CliRunner().invoke(main, ["tune", "--print-space"])
    assert (0, "") == (result.exit_code, result.stderr)
    assert {"text", "model", "training"} == tomllib.loads(result.stdout).keys()


def test_threads_are_set(tune):
    before = torch.get_num_threads()
    try:
        assert 0 == tune("--threads", 1, "--trials", 1, "--seeds", 0).exit_code
        assert 1 == torch.get_num_threads()
    finally:
        torch.set_num_threads(before)


def test_votes_are_learnt_from(tune, tiny, tmp_path):
    rows = (tiny / "train.tsv").read_text(encoding="utf-8").splitlines()
    ids = [row.split("\t")[2] for row in rows]
    votes = tmp_path / "votes.tsv"
    head = "\t".join(["id", "n_rows", *GOEMOTIONS.names])
    raters = "\t".join(["4", "2", *["0"] * (len(GOEMOTIONS) - 1)])
    votes.write_text("\n".join([head, *(f"{id_}\t{raters}" for id_ in ids)]) + "\n")
    result = tune("--votes", votes, "--seeds", 0, "--trials", 1)
    assert "votes change what is learnt from 262 of 262 texts" in result.stderr
    assert "was begun with another votes" in tune("--seeds", 0).stderr


def test_epochs_that_are_searched_end_pruning(tune, tmp_path):
    (tmp_path / "space.toml").write_text("[training]\nepochs = { low = 1, high = 8 }\n")
    sentence = "so none is pruned"
    assert sentence in tune("--seeds", 0, "--trials", 1).stderr
    assert sentence not in tune("--seeds", 0, "--trials", 1, "--no-pruning").stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--recipe", "blok"], 2, "no recipe 'blok'; did you mean 'blog'?"),
        (["--set", "training.seed=-1"], 2, "training.seed is -1; expected between 0 and"),
        (["--space", "none.toml"], 1, "none.toml: no such file of a search space"),
        (["--objective", "f1"], 2, "'f1' is not one of 'macro_f1', 'micro_f1'"),
        (["--trials", 0], 2, "0 is not in the range x>=1"),
        (["--train", "x"], 2, "give either --data FOLDER or --train FILE"),
        (["--storage", "nowhere"], 2, "the storage is no address of a database"),
        (["--worker", "--json"], 2, "a --worker prints no result; leave out --json"),
        (["--vectors", "none.txt"], 1, "none.txt: there is no such file"),
    ],
)
def test_wrong_use_is_one_line(tune, tmp_path, arguments, code, message):
    result = tune(*arguments)
    assert (code, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
    assert not (tmp_path / "out").exists()


def test_output_is_asked_for(tiny):
    for more in ([], ["--worker"]):
        result = CliRunner().invoke(main, ["tune", "--data", str(tiny), *more])
        assert 2 == result.exit_code
        assert "give --output FOLDER; only a --worker with --storage needs none" in result.stderr


def test_a_program_is_told_the_same():
    with pytest.raises(ValueError, match="only a worker with an address of its storage needs no"):
        running.tune(
            quick_task(),
            None,
            settings=running.Settings(limits=Limits(trials=1), recipe="x", worker=True),
            watcher=Heard(),
            bar=NoBar(),
        )


def test_a_folder_of_something_else_is_left_alone(tune, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.doc").write_text("x")
    result = tune()
    assert 2 == result.exit_code
    assert f"{tmp_path / 'out'} holds something else; name a folder of its own" in result.stderr
    assert ["thesis.doc"] == [path.name for path in (tmp_path / "out").iterdir()]


def test_a_file_is_no_output(tune, tmp_path):
    (tmp_path / "out").write_text("x")
    result = tune()
    assert 2 == result.exit_code
    assert f"{tmp_path / 'out'} is a file; expected a folder, or none yet" in result.stderr


def test_another_recipe_is_not_mixed_in(tune):
    tune("--seeds", 0, "--trials", 1)
    result = tune("--set", "model.filters=4")
    assert 1 == result.exit_code
    assert "was begun with another recipe; give the same again, or another --study" in result.stderr
