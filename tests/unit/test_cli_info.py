import json
import re

from click.testing import CliRunner

import emoconv
from emoconv.cli import main
from emoconv.config import Config, from_dict
from emoconv.labels import GOEMOTIONS


def info(*arguments):
    result = CliRunner().invoke(main, ["info", *map(str, arguments)])
    assert (0, "") == (result.exit_code, result.stderr)
    return result.stdout


def test_the_text_describes_model_and_installation(tiny_bundle):
    text = info("--model", tiny_bundle)
    assert text.startswith(f"emoconv {emoconv.__version__}, python 3.")
    assert (
        "extras: fast yes, train yes, tune yes, report yes, doctor yes, ray yes, spark yes, "
        "onnx yes, hub yes, keras yes\n" in text
    )
    assert re.search(
        rf"^model       {re.escape(str(tiny_bundle))} \(0\.\d MB\)$", text, re.MULTILINE
    )
    assert "network     8 filters of each width 1, 2" in text
    assert "thresholds  rule per-label, chosen on dev, 60 texts\n" in text
    rows = text.split("\n\n")[-1].splitlines()
    assert list(GOEMOTIONS.names) == [row.split()[0] for row in rows]


def test_the_json_describes_model_and_installation(tiny_bundle):
    about = json.loads(info("--model", tiny_bundle, "--json"))
    assert ["installation", "model"] == list(about)
    assert emoconv.__version__ == about["installation"]["emoconv"]
    assert (
        dict.fromkeys(
            (
                *("fast", "train", "tune", "report", "doctor", "ray", "spark"),
                *("onnx", "hub", "keras"),
            ),
            True,
        )
        == about["installation"]["extras"]
    )
    model = about["model"]
    assert list(GOEMOTIONS.names) == model["labels"]
    assert 8 == from_dict(Config, model["config"]).training.epochs
    assert 28 == len(model["thresholds"]["values"])
    assert 262 == model["provenance"]["train"]["rows"]
    embedding = model["vocabulary"] * 16
    assert embedding + 8 * 16 * (1 + 2) + 2 * 8 + 28 * 16 + 28 == model["parameters"]
    assert sum(f.stat().st_size for f in tiny_bundle.iterdir()) == model["bytes"]


def test_an_extra_that_is_not_installed_is_shown(tiny_bundle, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else 1)
    assert (
        "extras: fast yes, train no, tune yes, report yes, doctor yes, ray yes, spark yes, "
        "onnx yes, hub yes, keras yes\n" in info("--model", tiny_bundle)
    )


def test_the_model_may_come_from_the_environment(tiny_bundle, monkeypatch):
    monkeypatch.setenv("EMOCONV_INFO_MODEL", str(tiny_bundle))
    assert f"model       {tiny_bundle}" in info()
