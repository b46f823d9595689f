"""What ``few_examples.py`` compares: ways to learn classes from texts, and what each needs.

All baselines end in the same logistic regression, whose C is chosen by three folds of the texts
that it may learn from, by macro F1, unless its input was made from these very texts.
"""

from __future__ import annotations

import functools
import gzip
import re
import warnings
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from few_examples_tasks import Part

    Predict: TypeAlias = Callable[[Sequence[str]], NDArray[np.intp]]
    Fit: TypeAlias = Callable[[Part, int], Predict]

ROOT = Path(__file__).parents[1]
VECTORS = "vectors/potion-base-4M-int8.words.128d.txt.gz"
C_TRIED = (0.1, 1, 10, 100, 1000)
_FOLDS = 3
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Tools:
    """Where things lie: the data, the emotions' start, the sentence encoder."""

    data: Path
    start: Path
    encoder: Path


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to learn classes.

    Args:
        about: One line on what it is.
        load: Reads what it begins from, which takes no part in the time, and returns what fits: a
            drawn part and a seed to what predicts.
        packages: What must be installed to fit, and to predict.
        files: The files that it begins from.
        most: The most texts it is tried with; ``None`` for all.
        seeds: How many seeds.
    """

    about: str
    load: Callable[[str, Tools], Fit]
    packages: tuple[tuple[str, ...], tuple[str, ...]]
    files: Callable[[Tools], Sequence[Path]] = lambda _: ()
    most: int | None = None
    seeds: int = 3


@functools.cache
def load_method(name: str, task: str, tools: Tools) -> Fit:
    """Return what fits one of METHODS to texts of a task."""
    return METHODS[name].load(task, tools)


def _warm(task: str, tools: Tools) -> Fit:
    return _estimator("shipped" if task == "reactions" else str(tools.start))


def _cold(task: str, tools: Tools) -> Fit:
    del task, tools  # the same for all of them
    return _estimator(None)


def _estimator(start: str | None) -> Fit:
    from emoconv import EmotionClassifier  # noqa: PLC0415 - imports scikit-learn

    def fit(part: Part, seed: int) -> Predict:
        classifier = EmotionClassifier(warm_start_from=start, random_state=seed)
        return classifier.fit(part.texts, part.y).predict

    return fit


def _tfidf(task: str, tools: Tools) -> Fit:
    del task, tools  # it begins from nothing
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.pipeline import make_union  # noqa: PLC0415

    def fit(part: Part, seed: int) -> Predict:
        del seed  # nothing is drawn
        least = 1 if len(part.y) < 1000 else 2  # noqa: PLR2004 - a word of few texts may be all there is
        words = TfidfVectorizer(
            ngram_range=(1, 2), token_pattern=_TOKEN.pattern, sublinear_tf=True, min_df=least
        )
        pieces = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=least
        )
        vectorizer = make_union(words, pieces)
        head = _regression(vectorizer.fit_transform(part.texts), part.y)
        return lambda texts: head(vectorizer.transform(texts))

    return fit


def _regression(x: object, y: NDArray[np.intp], *, choose: bool = True) -> Predict:
    """Fit a logistic regression and return how it predicts from such input."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.model_selection import GridSearchCV  # noqa: PLC0415

    regression = LogisticRegression(max_iter=300, tol=1e-3)
    if choose:
        regression = GridSearchCV(regression, {"C": C_TRIED}, scoring="f1_macro", cv=_FOLDS)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")
        warnings.filterwarnings("ignore", "lbfgs failed to converge")  # at C = 1000
        return regression.fit(x, y).predict


def _static(task: str, tools: Tools) -> Fit:
    del task  # the same for all of them
    words: dict[str, int] = {}
    rows = []
    with gzip.open(tools.data / VECTORS, "rt", encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.rstrip("\n").split(" ")
            if word not in words:
                words[word] = len(rows)
                rows.append(np.array(numbers, dtype=np.float32))
    matrix = np.array(rows)  # (V, 128)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.zeros((len(texts), matrix.shape[1]), dtype=np.float32)
        for row, text in enumerate(texts):
            ids = [words[token] for token in _TOKEN.findall(text.lower()) if token in words]
            if ids:
                mean = matrix[ids].mean(axis=0)
                found[row] = mean / np.linalg.norm(mean)
        return found

    return _on(embed)


def _on(embed: Callable[[Sequence[str]], NDArray[np.float32]]) -> Fit:
    """Return what fits a regression on embeddings that do not change."""

    def fit(part: Part, seed: int) -> Predict:
        del seed  # nothing is drawn
        head = _regression(embed(part.texts), part.y)
        return lambda texts: head(known(tuple(texts)))

    known = functools.lru_cache(maxsize=1)(embed)  # what is measured on is embedded once
    return fit


def _frozen(task: str, tools: Tools) -> Fit:
    del task  # the same for all of them
    from few_examples_encoder import Encoder  # noqa: PLC0415 - imports transformers

    return _on(Encoder.load(tools.encoder).embed)


def _tuned(task: str, tools: Tools) -> Fit:
    del task  # the same for all of them
    from few_examples_encoder import Encoder  # noqa: PLC0415 - imports transformers

    encoder = Encoder.load(tools.encoder)

    def fit(part: Part, seed: int) -> Predict:
        embed = encoder.tuned(part.texts, part.y, seed=seed).embed
        head = _regression(embed(part.texts), part.y, choose=False)
        return lambda texts: head(embed(texts))

    return fit


_EMOCONV = ("emoconv", "scikit-learn", "torch"), ("emoconv",)
_SKLEARN = ("scikit-learn",), ("scikit-learn",)
_MINILM = ("scikit-learn", "torch", "transformers"), ("scikit-learn", "torch", "transformers")
METHODS = {
    "warm": Method(
        about="`EmotionClassifier()`, from a model's words and filters",
        load=_warm,
        packages=_EMOCONV,
    ),
    "cold": Method(
        about="`EmotionClassifier(warm_start_from=None)`", load=_cold, packages=_EMOCONV
    ),
    "tfidf": Method(about="TF-IDF of 1-2 words and of characters", load=_tfidf, packages=_SKLEARN),
    "static": Method(
        about="mean of potion's word vectors (model2vec's shape)",
        load=_static,
        packages=_SKLEARN,
        files=lambda tools: [tools.data / VECTORS],
    ),
    "minilm": Method(
        about="all-MiniLM-L6-v2 (SetFit without the contrastive tuning)",
        load=_frozen,
        packages=_MINILM,
        files=lambda tools: sorted(tools.encoder.glob("*.*")),
    ),
    "tuned": Method(
        about="all-MiniLM-L6-v2, tuned on pairs as SetFit does",
        load=_tuned,
        packages=_MINILM,
        files=lambda tools: sorted(tools.encoder.glob("*.*")),
        most=300,
        seeds=2,
    ),
}


def weight(method: Method, tools: Tools) -> dict[str, float]:
    """Return the megabytes of what a method needs: packages and the files it begins from."""
    files = sum(path.stat().st_size for path in method.files(tools)) / 1e6
    to_fit, to_predict = (round(installed_mb(names) + files, 1) for names in method.packages)
    return {"files_mb": round(files, 1), "to_fit_mb": to_fit, "to_predict_mb": to_predict}


def installed_mb(names: Sequence[str]) -> float:
    """Return the megabytes of distributions that are installed here and of what they require."""
    found: dict[str, float] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        one = metadata.distribution(name)
        paths = [Path(str(path.locate())) for path in one.files or ()]
        if name == "emoconv":  # which is installed from its own folder
            paths = [p for p in (ROOT / "src/emoconv").rglob("*") if p.suffix != ".pyc"]
        found[name] = sum(p.stat().st_size for p in paths if p.is_file()) / 1e6
        required = [Requirement(line) for line in one.requires or ()]
        waiting += [r.name for r in required if not r.marker or r.marker.evaluate({"extra": ""})]
    return sum(found.values())
