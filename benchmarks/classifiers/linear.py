"""TF-IDF of words and characters under one logistic regression a label, scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.base import Classifier, sigmoid

if TYPE_CHECKING:
    from classifiers.base import Data, Predict


def _fit(data: Data, *, characters: tuple[int, int], C: float) -> Predict:
    import numpy as np  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import FeatureUnion  # noqa: PLC0415

    shared = {"min_df": 2, "sublinear_tf": True, "dtype": np.float32}
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+|[^\w\s]", **shared)  # noqa: S106 - no password
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=characters, **shared)
    vectorizer = FeatureUnion([("words", words), ("characters", pieces)])
    x = vectorizer.fit_transform(data.train.texts)
    fitted = [
        LogisticRegression(solver="liblinear", C=C, tol=0.01).fit(x, column)
        for column in data.train.y.T
    ]
    weight = np.concatenate([f.coef_ for f in fitted]).T
    bias = np.concatenate([f.intercept_ for f in fitted])
    return lambda texts: sigmoid(vectorizer.transform(texts) @ weight + bias)


CLASSIFIER = Classifier(
    about="TF-IDF of 1-2 words and of characters, logistic regression",
    packages=("scikit-learn",),
    candidates=(
        {"characters": (3, 5), "C": 1.0},
        {"characters": (3, 5), "C": 3.0},
        {"characters": (3, 5), "C": 10.0},
        {"characters": (2, 6), "C": 3.0},
        {"characters": (3, 5), "C": 0.3},
        {"characters": (3, 5), "C": 0.6},
        {"characters": (2, 4), "C": 1.0},
    ),
    fit=_fit,
)
