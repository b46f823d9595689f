from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoconv import EmotionDetector
from emoconv.explanation import corpus
from emoconv.explanation.corpus import PhraseCounter
from emoconv.explanation.vocabulary import WordShares
from emoconv.text import tokenize_rich
from emoconv.text.vocabulary import SPECIALS
from untrained import LABELS, WORDS, untrained_bundle

BUNDLE = untrained_bundle()
DETECTOR = EmotionDetector(BUNDLE, engine="reference")
spoken = st.lists(st.sampled_from([*WORDS, "SO", "soooo", "zzyzx"]), max_size=8).map(" ".join)


def counted(texts, *, label="joy", top=1_000, examples=1, against=False):
    counter = PhraseCounter(
        BUNDLE, labels=[LABELS.index(label)], top=top, examples=examples, against=against
    )
    counter.add(texts)
    return counter


@settings(max_examples=50)
@given(texts=st.lists(spoken, max_size=12), at_once=st.integers(1, 5))
def test_totals_are_those_of_the_explanations_added_up(texts, at_once):
    totals, counts = defaultdict(float), Counter()
    for text in texts:
        encoder, engine = DETECTOR._reference_parts()
        ids, tokens = encoder.encode(text)
        parts = corpus.Attributor(BUNDLE, engine).attribute(
            np.array(ids, dtype=np.int32), np.arange(len(ids))
        )
        names = [encoder.vocabulary.tokens[i] for i in ids]
        phrases = [
            " ".join(names[first : last + 1])
            for first, last in zip(parts.first, parts.last, strict=True)
        ]
        for phrase, share in zip(phrases, parts.shares[:, 1], strict=True):
            totals[phrase] += share
        counts.update(set(phrases))
        assert len(tokens) == len(names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "TEXTS_AT_ONCE", at_once)
        counter = counted(texts, label="anger")
    found = counter.strongest(0)
    assert len(texts) == counter.texts
    assert {p for p, total in totals.items() if total > 1e-9} == {
        one.text for one in found if one.total > 1e-9
    }
    for one in found:
        assert counts[one.text] == one.texts
        assert pytest.approx(totals[one.text]) == one.total
        assert pytest.approx(one.total / one.texts) == one.mean
    strengths = [one.total / one.texts**0.5 for one in found]
    assert sorted(strengths, reverse=True) == pytest.approx(strengths)


def test_against_a_label_is_the_other_end():
    texts = ["so happy", "not thanks", "i 'm so <3", "do n't :)"]
    speak_for, against = counted(texts).strongest(0), counted(texts, against=True).strongest(0)
    assert all(one.total > 0 for one in speak_for)
    assert all(one.total < 0 for one in against)
    assert {one.text for one in speak_for}.isdisjoint(one.text for one in against)


def test_examples_are_the_first_other_texts_with_the_phrase():
    texts = ["so happy", "so happy", " so  happy 😂", "happy"]
    found = {one.text: one.examples for one in counted(texts, examples=2).strongest(0)}
    found |= {o.text: o.examples for o in counted(texts, examples=2, against=True).strongest(0)}
    assert ("so happy", "so happy 😂") == found["happy"]


def test_no_examples_are_kept_where_none_are_wanted():
    found = counted(["so happy"], examples=0).strongest(0)
    assert found
    assert {()} == {one.examples for one in found}


def test_texts_without_words_have_no_phrases():
    assert [] == counted([]).strongest(0)
    assert [] == counted(["", " "]).strongest(0)


def test_only_so_many_as_are_wanted_come_the_strongest():
    texts = ["so happy do n't", "thanks <3 :)", "i 'm not", "happy so"]
    assert counted(texts).strongest(0)[:3] == counted(texts, top=3).strongest(0)


def test_weak_phrases_are_forgotten_and_strong_ones_stay(monkeypatch):
    texts = [f"{a} {b} {c}" for a in WORDS for b in WORDS for c in WORDS[:4]]
    everything = counted(texts, top=3, examples=0)
    monkeypatch.setattr(corpus, "KEPT_PHRASES", 200)
    monkeypatch.setattr(corpus, "TEXTS_AT_ONCE", 10)
    some = counted(texts, top=3)
    assert 0 == everything.forgotten < some.forgotten
    assert len(some._table.rows) <= 200
    assert [one.text for one in everything.strongest(0)] == [o.text for o in some.strongest(0)]
    assert all(one.examples for one in some.strongest(0))


def test_a_phrase_is_shown_in_the_middle_of_a_long_text():
    found = counted(["x " * 200 + "happy" + " y" * 200]).strongest(0)
    found += counted(["x " * 200 + "happy" + " y" * 200], against=True).strongest(0)
    shown = {one.text: one.examples for one in found}["happy"][0]
    assert (True, True, "happy") == (shown.startswith("…"), shown.endswith("…"), shown[38:43])


def test_a_phrase_longer_than_an_example_is_cut():
    text = "<3 " + "h" * 200 + " happy"
    found = counted([text]).strongest(0) + counted([text], against=True).strongest(0)
    assert all(len(example) <= 82 for one in found for example in one.examples)


def test_a_word_alone_gives_its_logit_less_that_of_no_words():
    for bundle in (BUNDLE, untrained_bundle(hidden=4)):
        detector = EmotionDetector(bundle, engine="reference")
        expected = {
            word: detector.explain(word, "joy").logit - detector.explain("", "joy").logit
            for word in WORDS
            if [word] == [token.text for token in tokenize_rich(word)]
        }
        found = WordShares(bundle).strongest(0, top=99)
        assert set(WORDS) == {word.text for word in found}
        alone = {word.text: word.share for word in found if word.text in expected}
        assert len(alone) > 8
        assert pytest.approx(expected, abs=1e-5) == alone
        shares = [word.share for word in found]
        assert sorted(shares, reverse=True) == shares
        assert found[::-1][:2] == WordShares(bundle).strongest(0, top=2, against=True)


def test_words_are_looked_at_some_at_a_time(monkeypatch):
    whole = WordShares(BUNDLE).shares
    monkeypatch.setattr("emoconv.explanation.vocabulary._WORDS_AT_ONCE", 4)
    np.testing.assert_allclose(whole, WordShares(BUNDLE).shares, rtol=1e-5, atol=1e-6)
    assert (len(BUNDLE.vocabulary) - len(SPECIALS), len(LABELS)) == whole.shape
