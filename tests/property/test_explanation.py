import html
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emoconv import EmotionDetector
from emoconv.bundle import read_bundle
from emoconv.columns import to_strings
from emoconv.explanation.page import explanation_html
from emoconv.explanation.peaks import find_peaks
from emoconv.explanation.terminal import explanation_text
from emoconv.explanation.tones import visible
from strategies import texts
from untrained import WORDS, untrained_bundle

DATA = Path(__file__).parents[1] / "data"
DETECTORS = {
    "widths 1 to 3": EmotionDetector(untrained_bundle(), engine="reference"),
    "one width": EmotionDetector(untrained_bundle((3,)), engine="reference"),
    "hidden": EmotionDetector(untrained_bundle((3, 1), hidden=9), engine="reference"),
    "plain": EmotionDetector(
        untrained_bundle((2, 5), tokenizer="plain", max_tokens=6), engine="reference"
    ),
    "cut": EmotionDetector(untrained_bundle(max_tokens=3), engine="reference"),
    "trained": EmotionDetector(read_bundle(DATA / "bundle_v2"), engine="reference"),
}
spoken = st.lists(st.sampled_from([*WORDS, "SO", "soooo", "HAPPYYY", "I'M", "DON'T", "zzyzx"]))
any_text = texts() | spoken.map(" ".join)
detectors = pytest.mark.parametrize("detector", DETECTORS.values(), ids=DETECTORS)


def total(explanation, parts):
    return explanation.bias + sum(part.share for part in parts)


def calibrated_logits(detector, text):
    encoder, engine = detector._reference_parts()
    line = detector.bundle.calibration
    return line.scale * engine.logits(encoder.encode_batch(to_strings([text])))[0] + line.offset


@detectors
@settings(max_examples=80)
@given(text=any_text)
@example(text="")
@example(text="zzyzx")
@example(text="zzyzx qwrtp")
@example(text="so happy " * 3_000)
@example(text="A\ud800 😂👍🏽")
@example(text="so \ud83d\ude02 happy \udfff")
def test_bias_and_shares_sum_to_the_logit_of_the_probability(detector, text):
    found = detector.explain(text)
    assert list(detector.labels) == list(found) == [one.label for one in found.values()]
    expected = calibrated_logits(detector, text)
    for one, logit in zip(found.values(), expected, strict=True):
        assert pytest.approx(float(logit), abs=1e-4) == total(one, one.phrases)
        assert pytest.approx(float(logit), abs=1e-4) == total(one, one.words)
        assert pytest.approx(float(logit), abs=1e-5) == one.logit
    probabilities = detector.predict_proba([text])[0].tolist()
    assert probabilities == [one.probability for one in found.values()]
    assert detector.predict([text])[0].tolist() == [one.holds for one in found.values()]


@detectors
@settings(max_examples=60)
@given(text=any_text)
@example(text="so \ud83d\ude02 happy \udfff")
def test_spans_slice_the_text_and_phrases_are_runs_of_words(detector, text):
    for one in detector.explain(text).values():
        assert all(part.text == text[part.start : part.end] for part in (*one.phrases, *one.words))
        ends = [word.end for word in one.words]
        starts = [word.start for word in one.words]
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
        assert {phrase.start for phrase in one.phrases} <= set(starts)
        assert {phrase.end for phrase in one.phrases} <= set(ends)
        spans = [(phrase.start, phrase.end) for phrase in one.phrases]
        assert len(spans) == len(set(spans))
        strengths = [abs(phrase.share) for phrase in one.phrases]
        assert sorted(strengths, reverse=True) == strengths


def slow_peaks(rows, words, widths, filters):
    """The largest response of each filter and its window, one window at a time."""
    found, column = [], 0
    for width in widths:
        for f in range(filters):
            best = (-np.inf, 0, 0)
            for start in range(-width + 1, len(words)) if words else ():
                inside = range(max(start, 0), min(start + width, len(words)))
                response = np.float32(0)
                for place in inside:
                    answer = rows[words[place], column + (place - start) * filters + f]
                    response = np.float32(response + answer)
                if response > best[0]:
                    best = (response, inside[0], inside[-1])
            found.append(best)
        column += width * filters
    return found


@settings(max_examples=60)
@given(
    widths=st.sampled_from([(1,), (3,), (1, 2, 3), (4, 2)]),
    words=st.lists(st.integers(1, 4), max_size=9),
    seed=st.integers(0, 9),
    at_once=st.integers(1, 5),
)
def test_peaks_are_those_of_a_search_window_by_window(widths, words, seed, at_once):
    # Whole numbers: sums do not round, and many windows respond alike.
    rows = np.random.default_rng(seed).integers(-2, 3, (5, 2 * sum(widths))).astype(np.float32)
    rows[0] = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("emoconv.explanation.peaks.WINDOWS_AT_ONCE", at_once)
        peaks = find_peaks(rows, np.array(words, dtype=np.int32), widths, filters=2)
    assert slow_peaks(rows, words, widths, 2) == list(
        zip(peaks.largest.tolist(), peaks.first.tolist(), peaks.last.tolist(), strict=True)
    )


def written_text(piece):
    """What a browser shows of the text in a piece of HTML."""
    paragraph = re.search(r"<p [^>]*>(.*?)</p>", piece, re.DOTALL)[1]
    return html.unescape(re.sub(r"<[^>]*>", "", paragraph))


@settings(max_examples=80)
@given(text=any_text | st.text("<>&\"' scriptx/=", max_size=30), top=st.integers(1, 4))
@example(text="<script>alert(1)</script>", top=3)
@example(text="\" onmouseover='x' &amp; </span><img src=x onerror=y>", top=3)
def test_html_has_no_mark_up_but_its_own(text, top):
    found = list(DETECTORS["widths 1 to 3"].explain(text).values())
    piece = explanation_html(found, top=top)
    assert piece.isascii()
    elements = set(re.findall(r"<\s*/?\s*([^\s>]*)", piece))
    own = {"section", "p", "b", "i", "span", "div", "table", "caption", "tr", "td"}
    assert set() == elements - own
    attributes = set(re.findall(r'\s([a-z-]+)="', re.sub(r'="[^"]*"', '=""', piece)))
    assert set() == attributes - {"class", "style", "title", "aria-hidden"}
    assert "\n".join(map(visible, text.split("\n"))) == written_text(piece)


@settings(max_examples=60)
@given(text=any_text)
def test_a_terminal_gets_no_control_character_of_the_text(text):
    found = list(DETECTORS["trained"].explain(text).values())[:3]
    plain = explanation_text(found, top=3, colour=False)
    coloured = explanation_text(found, top=3, colour=True)
    shown = "\n".join(map(visible, text.split("\n")))
    assert plain.startswith(shown + "\n")
    without = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert without.startswith(shown + "\n")
    assert set() == set(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f]", plain + without))
