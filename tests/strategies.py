"""Hypothesis strategies that several test modules share."""

# ruff: noqa: RUF001 - the tokeniser is there for such characters

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst


@st.composite
def multi_label_scores(draw, *, max_texts=40, max_labels=5):
    """Truth, bool (N, L), and probabilities, float32 (N, L), many of them equal or 0 or 1."""
    shape = draw(st.tuples(st.integers(1, max_texts), st.integers(1, max_labels)))
    y = draw(npst.arrays(np.bool_, shape))
    coarse = st.sampled_from([np.float32(i / 8) for i in range(9)])
    fine = st.floats(0, 1, width=32)
    return y, draw(npst.arrays(np.float32, shape, elements=coarse | fine))


_FRAGMENTS = (
    *"aAzZ039 'ʼ`’.,:;=-^_/\\|()[]{}<>!?！…@#*~¯ツéÉßİΣK½Ⅳ٣ªͅ\t\n\r\x00\u0301\u00a0\u2028\u00ad",
    *(
        "I",
        "I'M",
        "don't",
        "n't",
        "'ve",
        "'s",
        "SO",
        "sooo",
        "www.",
        "http://",
        "u/",
        "/r/",
        "[NAME]",
    ),
    *(
        ":)",
        "(:",
        ":'(",
        ":D",
        "<3",
        "</3",
        "o_O",
        "T_T",
        "¯\\_(ツ)_/¯",
        "1,000",
        "3rd",
        "!!!",
        "?!",
    ),
    *("😂", "❤\ufe0f", "👍🏽", "🏽", "\u200d", "\ufe0f", "\u20e3", "🇬", "\U000e0067", "\U000e007f"),
    *("\ud800", "\udfff", "نی", "\u200c", "हि", "日本"),
)


def texts():
    """Any text, lone surrogates too, and text of what the tokeniser has rules for."""
    pieces = st.lists(st.sampled_from(_FRAGMENTS) | st.characters(), max_size=20)
    return st.text(st.characters(), max_size=30) | pieces.map("".join)
