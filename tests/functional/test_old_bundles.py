"""What an earlier emoconv wrote must go on loading, and say what it said."""

import json
from pathlib import Path

import numpy as np
import pytest

from emoconv import EmotionDetector

DATA = Path(__file__).parent.parent / "data"
BUNDLES = sorted(path for path in DATA.glob("bundle_v*") if path.is_dir())


def test_there_is_a_bundle_of_each_format():
    assert ["bundle_v1", "bundle_v2"] == [folder.name for folder in BUNDLES]


@pytest.mark.parametrize("folder", BUNDLES, ids=lambda folder: folder.name)
def test_an_old_bundle_says_what_it_said(folder):
    expected = json.loads(folder.with_suffix(".json").read_text(encoding="utf-8"))
    found = EmotionDetector.load(folder).predict_proba(expected["texts"])
    np.testing.assert_allclose(found, expected["probabilities"], atol=1e-5)


@pytest.mark.parametrize("folder", BUNDLES, ids=lambda folder: folder.name)
def test_an_old_bundle_is_small(folder):
    assert sum(file.stat().st_size for file in folder.iterdir()) < 60_000
