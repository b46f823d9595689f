"""Two processes that torchrun starts learn what one learns."""

import json
import subprocess
import sys

import numpy as np
import pytest

from emoconv.bundle import read_bundle
from trainings import SMALL

NOTHING_DRAWN = ("training.word_dropout=0", "training.feature_dropout=0", "training.epochs=6")
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


@pytest.fixture
def line(tiny, tmp_path):
    recipe = tmp_path / "small.json"
    recipe.write_text(json.dumps(SMALL))

    def line(output, *more, processes=(), command="train"):
        sets = [part for setting in NOTHING_DRAWN for part in ("--set", setting)]
        where = ["--data", str(tiny), "--output", str(tmp_path / output), "--device", "cpu"]
        program = [sys.executable, *processes, "-m", "emoconv", command]
        return [*program, "--recipe", str(recipe), *sets, *where, *more]

    return line


def run(line):
    return subprocess.run(line, capture_output=True, text=True, check=False)


def lines_of(result):
    """What the run says: epochs without their time, and nothing of torchrun's own warnings."""
    lines = [line for line in result.stderr.splitlines() if line.startswith(("epoch", "emoconv"))]
    return [line.rpartition(",")[0] if line.startswith("epoch") else line for line in lines]


def test_two_processes_learn_what_one_learns_and_speak_once(line, tmp_path):
    alone, together = run(line("alone")), run(line("together", processes=TORCHRUN))
    assert (0, 0) == (alone.returncode, together.returncode), together.stderr
    assert f"{tmp_path / 'together'}\n" == together.stdout
    assert 6 == len(lines_of(together))
    assert {"alone", "small.json", "together"} == {path.name for path in tmp_path.iterdir()}
    one, other = (read_bundle(tmp_path / name) for name in ("alone", "together"))
    assert one.vocabulary.tokens == other.vocabulary.tokens
    for name, weights in one.weights.items():
        np.testing.assert_allclose(
            weights.astype(np.float64), other.weights[name].astype(np.float64), atol=2e-3
        )
    for row, expected in zip(other.history, one.history, strict=True):
        assert expected["train_loss"] == pytest.approx(row["train_loss"], abs=1e-5)
        assert expected["dev_loss"] == pytest.approx(row["dev_loss"], abs=1e-5)


def test_a_run_of_two_that_was_cut_off_goes_on(line, tmp_path):
    drawn = ("--set", "training.feature_dropout=0.2")
    whole = run(line("whole", *drawn, processes=TORCHRUN))
    assert 0 == whole.returncode, whole.stderr
    cut = line("cut", *drawn, processes=TORCHRUN)
    with subprocess.Popen(cut, stderr=subprocess.PIPE, text=True) as process:
        for said in process.stderr:
            if said.startswith("epoch 1:"):
                process.terminate()
    assert (tmp_path / "cut.checkpoint").exists()
    rest = run(cut)
    assert 0 == rest.returncode, rest.stderr
    assert len(lines_of(rest)) < 6
    weights = [read_bundle(tmp_path / name).weights for name in ("whole", "cut")]
    for name, expected in weights[0].items():
        np.testing.assert_array_equal(expected, weights[1][name])


def test_a_distillation_is_not_shared_out(line):
    refused = run(line("out", "--teacher", "x", processes=TORCHRUN, command="distill"))
    assert "emoconv: error: only `emoconv train` is for torchrun; start this one without it" in (
        lines_of(refused)
    )
    assert 0 != refused.returncode
