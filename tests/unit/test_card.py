import dataclasses
import json
import re

import pytest

from emoconv.bundle import read_bundle
from emoconv.train.card import model_card


@pytest.fixture(scope="module")
def bundle(tiny_bundle):
    return read_bundle(tiny_bundle)


def test_the_card_says_what_is_known_of_the_model(bundle):
    card = model_card(bundle)
    assert card.startswith("# Model card\n")
    assert "- Learnt from 262 labelled texts (SHA-256 " in card
    assert "- Validated on dev, 60 texts (SHA-256 " in card
    assert "- Word vectors started from small random numbers." in card
    assert "- Stopped after 8 epochs; the best one's weights are kept." in card
    assert "(rule `per-label`)" in card


def test_the_card_has_a_row_for_each_label(bundle):
    rows = re.findall(r"^\| (\w+) \| [01]\.\d{3} \| ", model_card(bundle), re.MULTILINE)
    assert list(bundle.labels.names) == rows


def test_the_card_holds_the_recipe(bundle):
    (recipe,) = re.findall(r"```json\n(.*)\n```", model_card(bundle), re.DOTALL)
    assert 8 == json.loads(recipe)["training"]["epochs"]


def test_the_card_names_the_files_of_vectors(bundle):
    vectors = {"files": ["a.txt", "b.txt"], "summary": "3 of 4 types"}
    told = dataclasses.replace(bundle, provenance={**bundle.provenance, "vectors": vectors})
    assert "- Word vectors started from a.txt, b.txt; 3 of 4 types.\n" in model_card(told)
