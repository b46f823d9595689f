"""The page's engine in Node and Python's own detector, held equal."""

import dataclasses
import gzip
import itertools
import random
from pathlib import Path

import numpy as np
import pytest

import emoconv
from emoconv.bundle import read_bundle, shipped_bundle, write_bundle
from emoconv.calibration import Calibration
from emoconv.config import Config, from_dict
from emoconv.grouping import GROUPINGS
from emoconv.labels import GOEMOTIONS, SENTIMENT
from emoconv.text import SPECIALS, Vocabulary
from emoconv.thresholds import Thresholds
from page_answers import (
    Expected,
    differences,
    drawn_texts,
    ids_of,
    largest_difference,
    requests,
)
from page_engine import PageEngine, needs_node
from untrained import WORDS, untrained_bundle

DATA = Path(__file__).parents[1] / "data"
SHIPPED = shipped_bundle()
pytestmark = needs_node
needs_shipped = pytest.mark.skipif(
    not (SHIPPED / "config.json").exists(), reason="the shipped bundle is not trained yet"
)
BUNDLES = [
    *(pytest.param(DATA / name, id=name) for name in ("bundle_v1", "bundle_v2")),
    pytest.param(SHIPPED, id="shipped", marks=needs_shipped),
]
SHAPES = {
    "one width": {"widths": (1,)},
    "wide": {"widths": (4,)},
    "several widths": {"widths": (2, 5, 1)},
    "hidden layer": {"widths": (1, 2), "hidden": 9},
    "plain": {"tokenizer": "plain"},
    "cut": {"max_tokens": 3},
    "plain and cut": {"tokenizer": "plain", "max_tokens": 2},
}


@pytest.fixture(scope="module")
def engine():
    with PageEngine() as running:
        yield running


def words_of(bundle):
    return list(bundle.vocabulary.tokens[len(SPECIALS) :][:3000])


def differing(expected, engine, folder, texts, *, within=None, seed=0):
    """How the answers to requests of all options differ."""
    return [
        one
        for request in requests(texts, expected.names, seed)
        for one in differences(
            expected.answer(request),
            engine.ask("detect", model=str(folder), request=request),
            within=within,
        )
    ]


def check_all(engine, bundle, folder, texts, *, asked, within=None):
    """The same ids, probabilities and answers; these of the first ``asked`` texts."""
    expected = Expected(bundle)
    assert bundle.fingerprint() == engine.ask("load", model=str(folder))["fingerprint"]
    assert ids_of(bundle, texts) == engine.ask("ids", model=str(folder), texts=texts)
    found = engine.probabilities(folder, texts)
    assert 1e-5 > largest_difference(expected.probabilities(texts), found)
    assert [] == differing(expected, engine, folder, texts[:asked], within=within)


@pytest.mark.parametrize("folder", BUNDLES)
def test_drawn_texts_have_the_same_answers(engine, folder):
    bundle = read_bundle(folder)
    check_all(engine, bundle, folder, drawn_texts(words_of(bundle), 2500, 0), asked=200)


@pytest.mark.parametrize("shape", SHAPES)
def test_networks_of_all_shapes_have_the_same_answers(engine, tmp_path, shape):
    bundle = untrained_bundle(**SHAPES[shape])
    write_bundle(bundle, tmp_path / "bundle")
    texts = drawn_texts([*WORDS, "SO", "HAPPY", "sooo", "zzyzx"], 300, 1)
    within = 1.01e-4  # random weights give logits of several tens
    check_all(engine, bundle, tmp_path / "bundle", texts, asked=200, within=within)


def exact_bundle():
    """A bundle of numbers whose sums need no rounding, so that much is equal and must be so."""
    rng = np.random.default_rng(0)
    count, width, filters = len(GOEMOTIONS), 8, 20
    model = {"embedding_width": width, "kernel_widths": [1, 2, 3], "filters": filters}
    vocabulary = Vocabulary([*SPECIALS, *WORDS])

    def multiples(of, *shape):
        return (rng.integers(-3, 4, shape) * of).astype(np.float16)

    weights = {"embedding": multiples(1 / 4, len(vocabulary), width)}
    weights["embedding"][0] = 0
    for k in model["kernel_widths"]:
        weights |= {f"convolution.{k}.weight": multiples(1 / 4, filters, width, k)}
        weights |= {f"convolution.{k}.bias": multiples(1 / 16, filters)}
    weights |= {"output.weight": multiples(1 / 64, count, 3 * filters)}
    weights |= {"output.bias": multiples(1 / 4, count)}
    return dataclasses.replace(
        untrained_bundle(),
        config=from_dict(Config, {"model": model}),
        labels=GOEMOTIONS,
        vocabulary=vocabulary,
        thresholds=Thresholds(rng.uniform(0.4, 0.7, count).astype(np.float32), "fixed", ""),
        calibration=Calibration.identity(count),
        weights=weights,
    )


def test_answers_are_the_same_to_the_last_digit_where_nothing_is_rounded(engine, tmp_path):
    bundle = exact_bundle()
    write_bundle(bundle, tmp_path / "bundle")
    engine.ask("load", model=str(tmp_path / "bundle"))
    texts = drawn_texts([*WORDS, "SO", "HAPPY", "sooo"], 300, 2)
    found = differing(Expected(bundle), engine, tmp_path / "bundle", texts, within=1e-12)
    # Python's exponential function and the browser's may differ in the last bit.
    assert [] == [one for one in found if "probabilit" not in one and "confidence" not in one]


def test_a_word_has_the_same_answers_after_others_were_forgotten(engine, tmp_path):
    bundle = untrained_bundle((1, 2))
    words = [f"word{i}" for i in range(3000)]
    rng = np.random.default_rng(0)
    embedding = rng.normal(size=(len(SPECIALS) + len(words), 6)).astype(np.float32)
    embedding[0] = 0
    bundle = dataclasses.replace(
        bundle,
        vocabulary=Vocabulary([*SPECIALS, *words]),
        weights=bundle.weights | {"embedding": embedding},
    )
    write_bundle(bundle, tmp_path / "bundle")
    engine.ask("load", model=str(tmp_path / "bundle"), remembered=1)
    texts = [" ".join(rng.choice(words, n)) for n in (1, 700, 1500, 700, 1, 1500, 1000) * 2]
    found = engine.probabilities(tmp_path / "bundle", [" ".join(words), *texts, *texts])
    expected = Expected(bundle).probabilities([" ".join(words), *texts])
    assert 1e-5 > largest_difference(expected, found[: len(expected)])
    np.testing.assert_array_equal(found[1 : len(expected)], found[len(expected) :])


def test_a_word_is_seen_wherever_it_stands_in_a_long_text(engine, tmp_path):
    bundle = untrained_bundle((1, 2, 3))
    write_bundle(bundle, tmp_path / "bundle")
    engine.ask("load", model=str(tmp_path / "bundle"))
    texts = ["so " * n + "happy " + "so " * 1100 for n in (*range(1015, 1035), 2046, 2047, 2048)]
    expected = Expected(bundle).probabilities(texts)
    assert 1e-5 > largest_difference(expected, engine.probabilities(tmp_path / "bundle", texts))


@pytest.mark.parametrize("folder", BUNDLES)
def test_the_model_is_described_as_python_has_it(engine, folder):
    bundle = read_bundle(folder)

    def rounded(cuts):
        return [round(cut, 4) for cut in cuts.tolist()]

    sentiment = {label: name for name, members in SENTIMENT.groups.items() for label in members}
    cuts = rounded(bundle.thresholds.values)
    expected = {
        "emoconv": emoconv.__version__,
        "fingerprint": bundle.fingerprint(),
        "engine": "browser",
        "labels": [
            {"name": name, "threshold": cut, "sentiment": sentiment[name]}
            for name, cut in zip(bundle.labels.names, cuts, strict=True)
        ],
        "groupings": {
            name: [
                {"name": group, "threshold": cut, "members": list(members)}
                for (group, members), cut in zip(
                    taxonomy.groups.items(),
                    rounded(taxonomy.cuts(bundle.thresholds.values, bundle.labels)),
                    strict=True,
                )
            ]
            for name, taxonomy in GROUPINGS.items()
        },
        "min_confidence": 0,
        "limits": dict.fromkeys(("texts", "characters", "sentences", "explained", "body_bytes")),
    }
    assert expected == engine.ask("load", model=str(folder))


def test_a_model_without_the_labels_of_a_grouping_does_not_have_it(engine, tmp_path):
    write_bundle(untrained_bundle(), tmp_path / "bundle")
    model = engine.ask("load", model=str(tmp_path / "bundle"))
    assert {} == model["groupings"]
    assert ["positive", "negative", "ambiguous", "neutral", None] == [
        label["sentiment"] for label in model["labels"]
    ]


def test_a_recipe_is_completed_and_written_as_python_writes_it(engine, tmp_path):
    bundle = untrained_bundle()
    training = {"seed": 2**63 - 1, "learning_rate": 2.5e-5, "embedding_learning_rate": 0.0}
    training |= {"unlabelled_per_epoch": 0, "soft_weight": 1.0, "word_dropout": 1e-10}
    recipe = from_dict(Config, {"training": training})
    config = dataclasses.replace(bundle.config, training=recipe.training)
    bundle = dataclasses.replace(bundle, config=config)
    write_bundle(bundle, tmp_path / "bundle")
    assert bundle.fingerprint() == engine.ask("load", model=str(tmp_path / "bundle"))["fingerprint"]


@pytest.mark.real_data
@needs_shipped
def test_published_texts_have_the_same_answers(engine, real_data, record_property):
    bundle = read_bundle(SHIPPED)
    lines = (real_data / "goemotions/train.tsv").read_text(encoding="utf-8").splitlines()
    texts = [line.split("\t")[0] for line in lines]
    with gzip.open(
        real_data / "unlabelled/reddit_random_comments.txt.gz", "rt", encoding="utf-8", newline="\n"
    ) as file:
        texts += list(itertools.islice(file, 20_000))
    texts = random.Random(0).sample(texts, 10_000)  # noqa: S311 - to draw texts
    expected = Expected(bundle)
    engine.ask("load", model=str(SHIPPED))
    assert ids_of(bundle, texts) == engine.ask("ids", model=str(SHIPPED), texts=texts)
    found = engine.probabilities(SHIPPED, texts)
    largest = largest_difference(expected.probabilities(texts), found)
    record_property("largest difference of probabilities", largest)
    assert 1e-5 > largest
    assert [] == differing(expected, engine, SHIPPED, texts[:400])
