"""From labelled texts to answers, by the commands that a user types."""

import json
import subprocess
import sys

import pytest

from trainings import SMALL


@pytest.fixture(scope="module")
def emoconv():
    def run(*arguments, stdin=None):
        code = "from emoconv.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout

    return run


def test_train_info_evaluate_detect(emoconv, tiny, tmp_path):
    model, recipe = tmp_path / "model", tmp_path / "small.json"
    recipe.write_text(json.dumps(SMALL))

    assert f"{model}\n" == emoconv("train", "--recipe", recipe, "--data", tiny, "--output", model)

    about = json.loads(emoconv("info", "--model", model, "--json"))
    assert "dev.tsv, 60 texts" == about["model"]["thresholds"]["data"]

    on_dev = json.loads(emoconv("evaluate", tiny / "dev.tsv", "--model", model, "--json"))
    assert (
        about["model"]["provenance"]["dev_figures"]["macro"]["f1"]
        == on_dev["evaluation"]["macro"]["f1"]
    )

    lines = emoconv("detect", "--model", model, "--json", stdin="Thank you!\nI'm scared\n")
    assert ["Thank you!", "I'm scared"] == [json.loads(line)["text"] for line in lines.splitlines()]
