import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from emoconv.bundle import Bundle, read_bundle, write_bundle
from emoconv.calibration import Calibration
from emoconv.config import Config, ModelConfig, TextConfig
from emoconv.labels import LabelSet
from emoconv.text import SPECIALS, Vocabulary
from emoconv.thresholds import Thresholds

words = st.text(min_size=1, max_size=8).filter(lambda word: word not in SPECIALS)
names = st.text(min_size=1, max_size=8).filter(lambda name: name == name.strip())
numbers = st.floats(-100, 100, width=16)
any_json = st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.text()))


@st.composite
def bundles(draw):
    model = draw(
        st.builds(
            ModelConfig,
            embedding_width=st.integers(1, 3),
            kernel_widths=st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True).map(
                tuple
            ),
            filters=st.integers(1, 3),
            hidden=st.none() | st.integers(1, 3),
        )
    )
    labels = LabelSet(draw(st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)))
    vocabulary = Vocabulary([*SPECIALS, *draw(st.lists(words, max_size=4, unique=True))])
    units = model.filters * len(model.kernel_widths)
    shapes = {"embedding": (len(vocabulary), model.embedding_width)}
    for width in model.kernel_widths:
        shapes[f"convolution.{width}.weight"] = (model.filters, model.embedding_width, width)
        shapes[f"convolution.{width}.bias"] = (model.filters,)
    if model.hidden is not None:
        shapes |= {"hidden.weight": (model.hidden, units), "hidden.bias": (model.hidden,)}
        units = model.hidden
    shapes |= {"output.weight": (len(labels), units), "output.bias": (len(labels),)}
    dtype = draw(st.sampled_from([np.float16, np.float32]))
    weights = {
        name: draw(npst.arrays(dtype, shape, elements=numbers)) for name, shape in shapes.items()
    }
    weights["embedding"][0] = 0
    per_label = npst.arrays(np.float32, len(labels), elements=st.floats(2**-9, 1, width=32))
    return Bundle(
        config=Config(model=model, text=TextConfig(max_tokens=draw(st.none() | st.just(3)))),
        labels=labels,
        vocabulary=vocabulary,
        thresholds=Thresholds(draw(per_label), rule=draw(st.text()), data=draw(st.text())),
        calibration=Calibration(draw(per_label), draw(per_label)),
        weights=weights,
        provenance=draw(any_json),
        history=draw(st.lists(st.dictionaries(st.text(), st.floats(allow_nan=False)), max_size=3)),
    )


@settings(max_examples=40)
@given(bundles())
def test_a_bundle_comes_back_as_it_was_written(bundle):
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "bundle"
        write_bundle(bundle, folder)
        found = read_bundle(folder)
    for name in ("config", "labels", "provenance", "history"):
        assert getattr(bundle, name) == getattr(found, name)
    assert bundle.vocabulary.tokens == found.vocabulary.tokens
    assert bundle.thresholds.to_dict() == found.thresholds.to_dict()
    assert bundle.calibration.to_dict() == found.calibration.to_dict()
    assert bundle.weights.keys() == found.weights.keys()
    for name, array in bundle.weights.items():
        assert array.dtype == found.weights[name].dtype
        np.testing.assert_array_equal(array, found.weights[name])
