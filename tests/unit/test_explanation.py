import threading

import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.bundle import Bundle
from emoconv.errors import LabelError
from emoconv.explanation.phrases import find_words
from emoconv.text import tokenize_rich
from emoconv.text.tokenizer import Token
from untrained import LABELS, untrained_bundle


@pytest.fixture(scope="module")
def detector():
    return EmotionDetector(untrained_bundle(), engine="reference")


def by_hand(*, hidden=False):
    """A model that can be followed on paper: joy is said by happy, and by not happy unsaid.

    One number for a word: happy 1, not 10. The filter of one word answers to happy alone, as its
    bias takes away what the others would give; that of two words to not before another word.
    """
    whole = untrained_bundle((1, 2), hidden=2 if hidden else None)
    weights = {name: np.zeros_like(array) for name, array in whole.weights.items()}
    happy, negation = whole.vocabulary.id_of("happy"), whole.vocabulary.id_of("not")
    weights["embedding"][happy, 0] = 1
    weights["embedding"][negation, 1] = 1
    weights["convolution.1.weight"][0, 0, 0] = 2
    weights["convolution.2.weight"][0, 1, 0] = 1
    weights["convolution.2.weight"][0, 0, 1] = 1
    weights["convolution.2.bias"][0] = -1
    if hidden:
        weights["hidden.weight"][0, [0, 7]] = 1, -1
        weights["hidden.weight"][1, 0] = -1  # asleep where happy is said
        weights["hidden.bias"][:] = 0.5, 1
        weights["output.weight"][0] = 3, 5
    else:
        weights["output.weight"][0, [0, 7]] = 3, -4
    weights["output.bias"][0] = -1
    parts = {name: getattr(whole, name) for name in ("config", "labels", "vocabulary")}
    parts |= {"thresholds": whole.thresholds, "calibration": whole.calibration}
    return EmotionDetector(Bundle(weights=weights, **parts), engine="reference")


def rounded(parts):
    return {part.text: round(part.share, 4) for part in parts}


def test_negation_is_a_phrase_of_its_own_that_speaks_against():
    detector = by_hand()
    scale, offset = detector.bundle.calibration.scale[0], detector.bundle.calibration.offset[0]
    found = detector.explain("I am not happy", "joy")
    assert ["happy", "not happy"] == [phrase.text for phrase in found.phrases]
    assert pytest.approx([6 * scale, -4 * scale]) == [phrase.share for phrase in found.phrases]
    assert pytest.approx(offset - scale) == found.bias
    assert pytest.approx([0, 0, -2 * scale, 4 * scale]) == [word.share for word in found.words]


def test_a_hidden_layer_is_replaced_by_the_units_that_are_awake():
    detector = by_hand(hidden=True)
    scale, offset = detector.bundle.calibration.scale[0], detector.bundle.calibration.offset[0]
    found = detector.explain("not happy", "joy")
    assert (False, True) == (found.exact, by_hand().explain("not happy", "joy").exact)
    assert pytest.approx({"happy": 6 * scale, "not happy": -3 * scale}) == {
        phrase.text: phrase.share for phrase in found.phrases
    }
    assert pytest.approx(offset + scale * (3 * 0.5 - 1)) == found.bias
    assert pytest.approx(offset + scale * (3 * 0.5 + 5 - 1)) == detector.explain("", "joy").bias


def test_the_bias_of_an_exact_explanation_is_the_logit_of_a_text_without_words(detector):
    nothing = detector.explain("", "joy")
    assert ((), ()) == (nothing.phrases, nothing.words)
    assert pytest.approx(nothing.logit, abs=1e-6) == nothing.bias
    assert nothing.bias == detector.explain("so happy", "joy").bias


def test_windows_of_other_tokens_and_the_same_words_are_one_phrase(detector):
    for one in detector.explain("SO HAPPYYY").values():
        assert {"SO", "HAPPYYY", "SO HAPPYYY"} >= {phrase.text for phrase in one.phrases}
        assert ["SO", "HAPPYYY"] == [word.text for word in one.words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("I'M SO happyyy!!! 👍🏽", ["I", "'M", "SO", "happyyy", "!!!", "👍🏽"]),
        ("DON'T", ["DO", "N'T"]),
        ("SOOOO", ["SOOOO"]),
        ("  so\n<3 ", ["so", "<3"]),
    ],
)
def test_a_marker_is_one_with_the_word_it_marks(text, words):
    tokens = tokenize_rich(text)
    numbers, starts, ends = find_words(tokens)
    assert words == [text[start:end] for start, end in zip(starts, ends, strict=True)]
    assert len(tokens) == len(numbers)
    assert list(range(len(words))) == sorted(set(numbers.tolist()))


def test_a_marker_whose_word_is_cut_off_is_a_word():
    assert ([0], [0], [4]) == tuple(map(list, find_words([Token("<caps>", 0, 4)])))


def test_spans_are_those_of_the_text_as_it_was_given(detector):
    text = "so \ud83d\ude02 happy"
    words = detector.explain(text, "joy").words
    assert ["so", "\ud83d\ude02", "happy"] == [word.text for word in words]
    valid = detector.explain("so 😂 happy", "joy")
    assert [word.share for word in valid.words] == [word.share for word in words]


def test_a_label_that_is_not_there_is_met_with_the_nearest_one(detector):
    with pytest.raises(LabelError, match="'jo' is not one of the 5 known labels; did you mean"):
        detector.explain("so happy", "jo")


@pytest.mark.parametrize("text", [None, 3, b"so", ["so happy"]])
def test_what_is_no_text_is_refused(detector, text):
    with pytest.raises(TypeError, match="explain takes one text, a str; got"):
        detector.explain(text)


def test_one_label_is_explained_as_all_are(detector):
    one, all_of_them = detector.explain("so happy", "joy"), detector.explain("so happy")
    assert one.to_dict() == all_of_them["joy"].to_dict()
    assert LABELS == tuple(all_of_them)


def test_json_sums_to_the_logit_however_many_phrases_are_kept(detector):
    found = detector.explain("so happy i 'm thanks <3", "joy")
    for top in (0, 1, 3, None):
        values = found.to_dict(top)
        kept = [phrase["share"] for phrase in values["phrases"]]
        assert len(kept) == min(len(found.phrases), 99 if top is None else top)
        total = values["bias"] + sum(kept) + values["others"]
        assert pytest.approx(values["logit"], abs=1e-4) == total
    assert {"start": 0, "end": 2, "text": "so"} == {
        key: value for key, value in found.to_dict()["words"][0].items() if key != "share"
    }


def test_threads_may_explain_at_once(detector):
    alone = detector.explain("so happy", "joy").to_dict()
    fresh, found = EmotionDetector(detector.bundle, engine="reference"), []
    threads = [
        threading.Thread(target=lambda: found.append(fresh.explain("so happy", "joy").to_dict()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [alone] * 8 == found
