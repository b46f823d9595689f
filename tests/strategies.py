"""Hypothesis strategies that several test modules share."""

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
