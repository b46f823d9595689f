"""TF-IDF and one logistic regression per label, scikit-learn.

The regressions' weights are stacked into one matrix: `OneVsRestClassifier` asks them one by one,
which is slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from peers.base import Peer, sigmoid, train_matrix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


def _prepare(name: str, *, characters: bool) -> Callable[[Path, Path], None]:
    def prepare(work: Path, data: Path) -> None:
        import joblib  # noqa: PLC0415
        import numpy as np  # noqa: PLC0415
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.pipeline import FeatureUnion  # noqa: PLC0415

        parts = [("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, dtype=np.float32))]
        if characters:
            pieces = {"analyzer": "char_wb", "ngram_range": (3, 5)}
            parts.append(("characters", TfidfVectorizer(**pieces, min_df=2, dtype=np.float32)))
        vectorizer = FeatureUnion(parts)
        texts, y = train_matrix(data)
        x = vectorizer.fit_transform(texts)
        fitted = [LogisticRegression(solver="liblinear", tol=0.01).fit(x, column) for column in y.T]
        weight = np.concatenate([f.coef_ for f in fitted]).T.astype(np.float32, order="C")
        bias = np.concatenate([f.intercept_ for f in fitted]).astype(np.float32)
        joblib.dump((vectorizer, weight, bias), work / f"{name}.joblib")

    return prepare


def _load(name: str) -> Callable[[Path, int], Callable[[list[str]], NDArray[np.float32]]]:
    def load(work: Path, _: int) -> Callable[[list[str]], NDArray[np.float32]]:
        import joblib  # noqa: PLC0415

        vectorizer, weight, bias = joblib.load(work / f"{name}.joblib")
        return lambda texts: sigmoid(vectorizer.transform(texts) @ weight + bias)

    return load


def _peer(name: str, about: str, *, characters: bool) -> Peer:
    return Peer(
        about=about,
        packages=("scikit-learn",),
        prepare=_prepare(name, characters=characters),
        load=_load(name),
        files=(f"{name}.joblib",),
        parallel="processes",
    )


PEERS = {
    "tfidf-words": _peer(
        "tfidf-words",
        "TF-IDF of 1-2 words, logistic regression",
        characters=False,
    ),
    "tfidf-words-characters": _peer(
        "tfidf-words-characters",
        "TF-IDF of 1-2 words and 3-5 characters, logistic regression",
        characters=True,
    ),
}
