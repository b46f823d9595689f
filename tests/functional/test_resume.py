"""A training that is killed goes on where it stood."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from emoconv.cli import main
from trainings import SMALL

EPOCHS = 25


@pytest.fixture
def command(tiny, tmp_path):
    recipe = tmp_path / "small.json"
    recipe.write_text(json.dumps(SMALL))
    settings = [f"training.epochs={EPOCHS}", f"training.patience={EPOCHS}"]

    def arguments(output, *more):
        sets = [part for setting in settings for part in ("--set", setting)]
        where = ["--data", str(tiny), "--output", str(tmp_path / output)]
        return ["train", "--recipe", str(recipe), *sets, *where, *more]

    return arguments


def kill_after(epoch, arguments):
    """Run a training in a process of its own and kill it when an epoch is done."""
    code = "from emoconv.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if line.startswith(f"epoch {epoch}:"):
                process.kill()


def epochs_of(result):
    assert 0 == result.exit_code, result.stderr
    return [line.split(":")[0] for line in result.stderr.splitlines()]


def test_the_same_command_goes_on_and_gives_the_same_weights(command, tmp_path):
    kill_after(2, command("killed"))
    assert not (tmp_path / "killed").exists()

    refused = CliRunner().invoke(main, command("killed", "--seed", "5"))
    assert (
        1,
        (
            f"emoconv: error: {tmp_path / 'killed.checkpoint'}: a checkpoint of a run with other "
            "settings, data or vectors; give those again, or --restart to start over\n"
        ),
    ) == (refused.exit_code, refused.stderr)

    resumed = epochs_of(CliRunner().invoke(main, command("killed")))
    assert f"epoch {EPOCHS}" == resumed[-1]
    assert 0 < len(resumed) <= EPOCHS - 2

    whole = CliRunner().invoke(main, command("whole"))
    assert EPOCHS == len(epochs_of(whole))
    for name in ("weights.safetensors", "thresholds.json", "calibration.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes()
    assert {"killed", "whole", "small.json"} == {path.name for path in tmp_path.iterdir()}


def test_a_damaged_checkpoint_is_refused_and_restart_forgets_it(command, tmp_path):
    (tmp_path / "model.checkpoint").write_bytes(b"half of a")
    refused = CliRunner().invoke(main, command("model"))
    assert (1, 1) == (refused.exit_code, refused.stderr.count("\n"))
    assert f"{tmp_path / 'model.checkpoint'}: not a checkpoint (" in refused.stderr
    assert "--restart starts over" in refused.stderr

    assert EPOCHS == len(epochs_of(CliRunner().invoke(main, command("model", "--restart"))))
    assert not (tmp_path / "model.checkpoint").exists()
