from dataclasses import replace

import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.documents import read_document
from emoconv.service.answers import Query, answer
from emoconv.text import sentences
from emoconv.thresholds import Thresholds
from untrained import untrained_bundle

TEXT = "I'm so happy, thanks! Not so 😀 :) do"
TEXTS = [TEXT, "", "😂😂", "unknown words only", "so " * 500]


@pytest.fixture(scope="module")
def detector():
    bundle = untrained_bundle()
    bundle.weights["output.weight"] *= np.float32(0.1)  # or all probabilities would be 0 or 1
    return EmotionDetector(bundle)


@pytest.fixture(scope="module")
def grouped(detector, tmp_path_factory):
    file = tmp_path_factory.mktemp("groupings") / "moods.json"
    file.write_text('{"good": ["joy"], "bad": ["anger", "boredom"], "rest": ["neutral"]}')
    return detector.replace(grouping=file)


def ask(detector, *texts, by_sentence=False, min_confidence=0.0, **more):
    query = Query(
        texts=texts,
        detector=detector,
        labels=more.pop("labels", None),
        probabilities=more.pop("probabilities", False),
        explain=more.pop("explain", False),
        top=more.pop("top", 5),
        by_sentence=by_sentence,
        min_confidence=min_confidence,
        spans=Query.spans_of(texts, by_sentence=by_sentence),
    )
    assert {} == more
    own = EmotionDetector(detector.bundle).predict_proba(query.pieces())
    return answer(query, own)


def as_dict(found):
    return [(one["label"], one["probability"]) for one in found["labels"]]


def rounded(pairs):
    return [(label, round(probability, 4)) for label, probability in pairs]


def test_the_labels_are_those_that_the_detector_finds(detector, grouped):
    for asked in (detector, grouped):
        for text, found in zip(TEXTS, ask(asked, *TEXTS), strict=True):
            assert rounded(asked.detect(text)) == as_dict(found)
            highest = asked.predict_proba([text]).max()
            assert (round(float(highest), 4), True) == (found["confidence"], found["sure"])
            assert ["labels", "confidence", "sure"] == list(found)


def test_probabilities_are_of_every_label_in_the_models_order(detector, grouped):
    for asked in (detector, grouped):
        row = asked.predict_proba([TEXT])[0].tolist()
        (found,) = ask(asked, TEXT, probabilities=True)
        expected = rounded(zip(asked.labels, row, strict=True))
        assert expected == list(found["probabilities"].items())


def test_only_labels_that_are_asked_about_are_answered(detector, grouped):
    (whole,) = ask(detector, TEXT, probabilities=True)
    (found,) = ask(detector, TEXT, probabilities=True, labels={"joy", "neutral"})
    assert ["joy", "neutral"] == list(found["probabilities"])
    assert [pair for pair in as_dict(whole) if pair[0] in {"joy", "neutral"}] == as_dict(found)
    assert whole["confidence"] == found["confidence"]
    (found,) = ask(grouped, TEXT, probabilities=True, labels={"bad"})
    assert ["bad"] == list(found["probabilities"])


def test_in_an_unsure_text_no_label_holds(detector):
    (sure,) = ask(detector, TEXT)
    bound = float(detector.predict_proba([TEXT]).max())
    (found,) = ask(detector, TEXT, min_confidence=bound)
    assert sure == found
    (found,) = ask(detector, TEXT, min_confidence=np.nextafter(bound, 1), probabilities=True)
    assert ([], False, sure["confidence"]) == (found["labels"], found["sure"], found["confidence"])
    assert 5 == len(found["probabilities"])


@pytest.mark.parametrize("bound", [0.1, 0.3, 0.7, 0.9, 0.99])
def test_what_is_sure_and_what_holds_are_told_by_one_rule(detector, bound):
    """A probability is a float32, and a bound is none: 0.7 is more than its float32."""
    query = Query(("a",), detector, None, False, False, 5, False, bound, ((),))
    row = np.zeros((1, 5), dtype=np.float32)
    row[0, 2] = bound
    (found,) = answer(query, row)
    assert (True, 0.5 <= bound) == (found["sure"], found["labels"] != [])


def test_sentences_are_answered_as_texts_of_their_own(detector, grouped):
    for asked in (detector, grouped):
        whole, nothing = ask(asked, TEXT, " ", by_sentence=True, probabilities=True)
        spans = sentences(TEXT)
        places = [(one["start"], one["end"], one["text"]) for one in whole["sentences"]]
        assert [(start, end, TEXT[start:end]) for start, end in spans] == places
        texts = [place[2] for place in places]
        alone = ask(asked, *texts, TEXT, probabilities=True)
        keys = ("labels", "confidence", "sure", "probabilities")
        both = [*whole["sentences"], whole]
        assert [[one[k] for k in keys] for one in alone] == [[one[k] for k in keys] for one in both]
        assert ([], []) == (nothing["sentences"], nothing["summary"])


def test_the_summary_is_that_of_the_document(detector, grouped):
    for asked in (detector, grouped):
        expected = [share._asdict() for share in read_document(TEXT, asked).shares]
        (found,) = ask(asked, TEXT, by_sentence=True)
        assert expected == found["summary"]
    (found,) = ask(detector, TEXT, by_sentence=True, labels={"joy"})
    assert {"joy"} >= {share["label"] for share in found["summary"]}
    (found,) = ask(detector, TEXT, by_sentence=True, min_confidence=1.0)
    assert ([], [False] * 2) == (found["summary"], [one["sure"] for one in found["sentences"]])


def test_labels_that_hold_are_explained_strongest_first(detector, grouped):
    for asked in (detector, grouped):
        (found,) = ask(asked, TEXT, explain=True, top=2)
        own = detector.explain(TEXT)
        holding = [label for label, _ in detector.detect(TEXT)]
        assert 1 < len(holding)
        assert [own[label].to_dict(2) for label in holding] == found["explanations"]


def test_the_likeliest_is_explained_where_none_holds(detector):
    high = EmotionDetector(replace(detector.bundle, thresholds=Thresholds.fixed(1, 5)))
    (found,) = ask(high, TEXT, explain=True)
    likeliest = detector.labels[detector.predict_proba([TEXT])[0].argmax()]
    assert [likeliest] == [one["label"] for one in found["explanations"]]
    assert [False] == [one["holds"] for one in found["explanations"]]


def test_labels_that_are_asked_about_are_explained_in_the_models_order(detector):
    (found,) = ask(detector, TEXT, explain=True, labels={"neutral", "joy"})
    own = detector.explain(TEXT)
    assert [own["joy"].to_dict(5), own["neutral"].to_dict(5)] == found["explanations"]
