import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.bundle import Bundle
from emoconv.explanation.page import explanation_html
from emoconv.explanation.phrases import Explanation, Phrase
from emoconv.explanation.terminal import explanation_text
from emoconv.explanation.tones import LEVELS, signed, tint_levels, tone_of, visible
from emoconv.labels import GOEMOTIONS, LabelSet
from untrained import untrained_bundle


class Told(Explanation):
    """An explanation whose parts are given."""

    phrases = words = ()


def told(text, shares, *, label="joy", exact=True, holds=True, bias=-1.0):
    """An explanation with a phrase for each word, in the order given, and so much for each."""
    words, place = [], 0
    for word, share in shares.items():
        start = text.index(word, place)
        place = start + len(word)
        words.append(Phrase(start, place, word, share))
    logit = bias + sum(shares.values())
    found = Told(text, label, 1 / (1 + np.exp(-logit)), holds, logit, bias, exact, None, 0)
    found.__dict__["words"] = tuple(words)
    found.__dict__["phrases"] = tuple(sorted(words, key=lambda word: -abs(word.share)))
    return found


NOT_HAPPY = told("I am not happy", {"I": 0.1, "am": 0.0, "not": -1.0, "happy": 2.0})


def test_a_word_is_tinted_by_its_part_of_the_largest_share():
    assert [0, 0, -2, LEVELS] == tint_levels(NOT_HAPPY)


def test_a_text_that_says_little_is_pale():
    assert [2] == tint_levels(told("so", {"so": 0.4}))
    assert [] == tint_levels(told("", {}))


@pytest.mark.parametrize("label", GOEMOTIONS.names)
def test_black_letters_can_be_read_on_every_tint(label):
    assert all(_contrast_with_black(colour) > 5 for colour in tone_of(label).ansi)


def _contrast_with_black(colour):
    """The contrast of WCAG 2.2 of a colour of the palette of 256 with black."""
    if colour >= 232:
        rgb = [8 + 10 * (colour - 232)] * 3
    else:
        steps = (0, 95, 135, 175, 215, 255)
        rgb = [steps[(colour - 16) // part % 6] for part in (36, 6, 1)]
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 if c > 10 else c / 255 / 12.92 for c in rgb]
    return (np.dot([0.2126, 0.7152, 0.0722], linear) + 0.05) / 0.05


def test_hues_follow_sentiment():
    assert tone_of("joy") == tone_of("pride") == tone_of("boredom")
    assert 4 == len({tone_of(label).rgb for label in ("joy", "anger", "surprise", "neutral")})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb\r\x07\x7f", "a␛[31mb␍␇\ufffd"),
        ("\u202etxt\u2066\ud800", "\ufffdtxt\ufffd\ufffd"),
        ("é 😀\u200d", "é 😀\u200d"),
    ],
)
def test_what_moves_a_cursor_or_turns_writing_is_replaced(text, shown):
    assert (shown, len(text)) == (visible(text), len(shown))


@pytest.mark.parametrize(
    ("share", "text"), [(1.25, "+1.25"), (-0.004, "+0.00"), (-0.006, "-0.01"), (12.0, "+12.00")]
)
def test_a_share_has_its_sign(share, text):
    assert text == signed(share)


def test_without_colour_there_are_phrases_and_their_sum():
    assert """\
I am not happy

joy                    0.75
  happy               +2.00
  not                 -1.00
  (2 other phrases)   +0.10
  (bias)              -1.00
  = logit             +0.10""" == explanation_text([NOT_HAPPY], top=2, colour=False).replace(
        "0.52", "0.75"
    )


def test_labels_share_their_columns_and_one_that_does_not_hold_says_so():
    fear = told("I am not happy", {"not": 0.5}, label="fear", holds=False, exact=False, bias=-12.0)
    shown = explanation_text([NOT_HAPPY, fear], top=3, colour=False).split("\n\n")
    assert """\
fear (does not hold)         0.00
  not                       +0.50
  (bias, here)             -12.00
  = logit (approximated)   -11.50""" == shown[2]
    assert "  (1 other phrase)          +0.00" in shown[1].splitlines()


def test_with_colour_words_are_tinted_and_the_legend_tells_how():
    shown = explanation_text([NOT_HAPPY], top=1, colour=True)
    text, legend = shown.splitlines()[:2]
    black = "\x1b[38;5;16m"
    assert f"I am {black}\x1b[48;5;159mnot\x1b[0m {black}\x1b[48;5;46mhappy\x1b[0m" == text
    assert legend.endswith(" against \x1b[0m joy")


def test_where_no_word_is_tinted_there_is_no_legend():
    shown = explanation_text([told("hm", {"hm": 0.01})], top=1, colour=True)
    assert "hm\n\njoy" == shown[:7]


def test_a_long_phrase_is_cut_and_a_text_keeps_its_lines():
    text = "so\nhttps://" + "x" * 90
    shown = explanation_text([told(text, {text: 1.0})], top=1, colour=False)
    assert shown.startswith(text + "\n\njoy")
    assert f"  so␊https://{'x' * 28}…   +1.00" in shown.splitlines()


def test_html_says_the_share_of_each_word_and_phrase():
    piece = explanation_html([NOT_HAPPY], top=1)
    assert '<span title="+2.00 for joy" style="background:rgba(46,160,67,0.50);' in piece
    assert '<span title="-1.00 against joy"' in piece
    assert ">happy</span></p>" in piece
    assert "<i>3 more</i>" in piece
    assert "border-bottom:2px dotted" in piece


def test_html_of_what_does_not_hold_or_is_approximated_says_so():
    fear = told("hm", {}, label="fear", holds=False, exact=False, bias=0.0)
    piece = explanation_html([fear], top=1)
    assert all(part in piece for part in ("</b> 0.50, does not hold", "= logit, approximated"))
    assert "<i>bias, here</i>" in piece


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "\"><img src=x onerror='alert(1)'>",
        "' onmouseover=alert(1) x='",
        "</p></section><iframe src=javascript:alert(1)>",
        "&lt;script&gt;",
    ],
)
def test_html_in_a_text_or_a_label_stays_text(attack):
    piece = explanation_html([told(attack, {attack: 1.0}, label=attack)], top=3)
    for part in ("<script", "<img", "<iframe", "onerror='", "' onmouseover", "&lt;script&gt;&l"):
        assert part not in piece
    assert 0 == piece.count(attack)


def test_a_label_of_a_model_is_escaped_too():
    whole = untrained_bundle()
    names = LabelSet(("<b>joy</b>", *whole.labels.names[1:]))
    parts = {
        name: getattr(whole, name)
        for name in ("config", "vocabulary", "thresholds", "calibration", "weights")
    }
    detector = EmotionDetector(Bundle(labels=names, **parts), engine="reference")
    piece = explanation_html([detector.explain("so happy", "<b>joy</b>")], top=3)
    assert "&lt;b&gt;joy&lt;/b&gt;" in piece
    assert "<b>joy</b>" not in piece
