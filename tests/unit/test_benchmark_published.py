"""The figures of ``benchmarks/published.json`` agree with each other, and their table with them."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from emoconv import metrics
from emoconv.labels import GOEMOTIONS

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def published(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("published")


@pytest.fixture
def with_labels(published):
    return [model for model in published.read_published() if model["per_label"] is not None]


def test_every_figure_says_where_it_is_from_and_how_it_was_cut(published):
    for model in published.read_published():
        assert set(model) == set(published.Published.__annotations__)
        assert model["source"].startswith("https://")
        assert model["threshold_rule"]
        assert model["chosen_on"] in {"dev", "test", "fixed", "not stated"}


def test_every_label_has_figures_that_fit_each_other(with_labels):
    assert with_labels
    for model in with_labels:
        assert list(GOEMOTIONS.names) == list(model["per_label"])
        for precision, recall, f1 in model["per_label"].values():
            harmonic = 2 * precision * recall / (precision + recall or 1)
            assert f1 == pytest.approx(harmonic, abs=2e-3)


def test_the_mean_of_the_labels_is_the_macro_f1_that_is_published(published, with_labels):
    stated = [model for model in with_labels if model["macro_f1"] is not None]
    assert stated
    for model in stated:
        mean = published.macro_f1({**model, "macro_f1": None})
        assert mean == pytest.approx(model["macro_f1"], abs=6e-4)


def test_the_table_has_ours_beside_theirs(published):
    y = np.eye(28, dtype=np.bool_)
    p = np.where(y, 0.75, 0.25).astype(np.float32)
    evaluation = metrics.evaluate(y=y, predicted=y, probabilities=p, labels=GOEMOTIONS)
    table = published.published_table(evaluation)
    (line,) = (line for line in table.splitlines() if line.startswith("| grief"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert ["grief", "1", "1.00 / 1.00 / 1.00"] == cells[:3]
    assert "0.33 / 0.33 / 0.33" == cells[-1]
    assert "- emoconv: macro F1 1.000, micro F1 1.000; thresholds as above." in table
    assert "(https://arxiv.org/abs/2005.00547)" in table
    assert "chosen on the test split itself, so its figures flatter." in table
