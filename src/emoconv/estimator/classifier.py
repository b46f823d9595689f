"""The estimator: scikit-learn's contract around a training and the detector that it makes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from emoconv.bundle import write_bundle
from emoconv.data import Dataset
from emoconv.detector import EmotionDetector
from emoconv.errors import DataError
from emoconv.estimator.inputs import read_texts, read_weights
from emoconv.estimator.learning import config_for, find_start, learn
from emoconv.estimator.progress import Progress
from emoconv.estimator.targets import read_targets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from typing import Self

    from numpy.typing import ArrayLike, NDArray
    from sklearn.utils import Tags

    from emoconv.bundle import Bundle
    from emoconv.columns import Column
    from emoconv.estimator.learning import Validation

__all__ = ["EmotionClassifier"]


class EmotionClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # they have no types
    """Learns labels of your own from texts, beginning where the shipped model ended.

    An estimator of scikit-learn whose X is a column of texts. Targets may be multi-class (a string,
    a whole number or a bool for each text) or multi-label (an indicator of 0 and 1 with a column
    for each label, or a list of label names for each text).

    The network is a bundle's, so each label has a probability of its own and any number of them
    may hold. Where the targets are multi-class, one against the rest is learnt for each class;
    ``predict`` takes the most probable class and ``predict_proba`` divides each row by its sum.

    Args:
        warm_start_from: ``"shipped"``, a bundle or the folder of one: vocabulary, word vectors and
            filters begin as they are there, and only the output layer is new. ``None``: all of it
            is, and the recipe is ``small``.
        epochs: Passes over the texts. ``None``: 15 for up to 4,000 texts, then fewer, at least 6.
        batch_size: Texts per step. ``None``: a sixteenth of them or so, from 8 to 128.
        learning_rate: Adam's first step size; it falls to 0 until the end.
        validation: What calibrates the probabilities, and chooses thresholds and the best epoch.
            A share of the texts that is held out (0.1); or a number of folds (5), where a network
            learns from all texts and each text is judged by another, which takes so many times
            as long and has no use for the best epoch. ``"auto"``: 5 below 500 texts, 0.1 above.
        threshold_rule: How thresholds are chosen (`emoconv.thresholds`); multi-class predictions
            do not use them.
        class_names: What class or column 0, 1, ... is called in the bundle; ``None`` for what they
            are, or the names of a data frame's columns.
        settings: Other settings of the recipe, as ``emoconv train --set`` has them:
            ``["training.feature_dropout=0.2"]``.
        random_state: The seed; what is drawn from it is the same each time. ``None`` for another
            each time.
        verbose: Whether to tell of the progress on standard error.

    Attributes:
        classes_: (L,), the classes in ascending order; of a multi-label target the names of the
            labels, or their numbers where they have none.
        bundle_: The model (`emoconv.bundle.Bundle`).
        detector_: It as an `EmotionDetector`, for thresholds and explanations. It computes by the
            reference, so that a text's answer does not depend on how many there are; for very
            many texts, `save` it and load it with another engine.
        n_iter_: The epochs that were taken.

    Example:
        >>> from emoconv import EmotionClassifier
        >>> texts = ["thanks a lot", "many thanks", "oh no", "no no no"] * 3
        >>> classifier = EmotionClassifier(epochs=2).fit(texts, ["up", "up", "down", "down"] * 3)
        >>> classifier.predict(["thanks"]).tolist()
        ['up']
    """

    def __init__(
        self,
        *,
        warm_start_from: str | PathLike[str] | Bundle | None = "shipped",
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 2e-3,
        validation: Validation = "auto",
        threshold_rule: str = "per-label-balanced",
        class_names: Sequence[str] | None = None,
        settings: Sequence[str] = (),
        random_state: int | np.random.RandomState | None = 0,
        verbose: bool = False,
    ) -> None:
        self.warm_start_from = warm_start_from
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation = validation
        self.threshold_rule = threshold_rule
        self.class_names = class_names
        self.settings = settings
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Column, y: object, sample_weight: ArrayLike | None = None) -> Self:
        """Learn from labelled texts.

        Args:
            X: N texts of any length: a list, or a column of numpy, pandas, polars or pyarrow.
            y: N classes; or 0 and 1 for each label, an array (N, L), dense or sparse, or a data
                frame; or N lists of label names.
            sample_weight: float (N,), what each text counts, in what is learnt and in calibration
                and thresholds; a text of weight 0 is left out.

        Raises:
            ValueError: A text or target is missing, their numbers differ, or there are too few.
            TypeError: X is no column of strings.
            ConfigError: A parameter is out of range; a ValueError too.
            MissingExtraError: torch is not installed.
        """
        texts = read_texts(X)
        if not texts:
            raise DataError("0 samples, where two texts at least are required; X is empty")
        targets = read_targets(y, class_names=self.class_names)
        check_consistent_length(texts, targets.y)
        weights = None
        if sample_weight is not None:
            weights = read_weights(sample_weight, texts=len(texts))
            kept = np.flatnonzero(weights)
            texts, weights = [texts[row] for row in kept], weights[kept]
            targets = targets.select(kept)
        start = find_start(self.warm_start_from)
        bundle = learn(
            Dataset(texts, targets.y, targets.labels),
            config=config_for(len(texts), start, settings=self._settings(), seed=self._seed()),
            start=start,
            weights=weights,
            validation=self.validation,
            observer=Progress(on=self.verbose),
        )
        kind = "multi-class" if targets.exclusive else "multi-label"
        made_by = {"made_by": "EmotionClassifier", "target": kind}
        self.bundle_ = dataclasses.replace(bundle, provenance=bundle.provenance | made_by)
        self.detector_ = EmotionDetector(self.bundle_, engine="reference")
        self.classes_ = targets.classes
        self.n_iter_ = len(bundle.history)
        self._targets = dataclasses.replace(targets, y=targets.y[:0])
        return self

    def predict_proba(self, X: Column) -> NDArray[np.float32]:
        """Return the probability of each class in each text, float32 (M, L).

        Rows sum to 1 where the targets are multi-class; where they are multi-label, each number
        is a probability of its own.

        Args:
            X: M texts, empty ones too.

        Raises:
            NotFittedError: ``fit`` was not called.
            TypeError: X is no column of strings.
            DataError: A text is missing.
        """
        check_is_fitted(self)
        found = self.detector_.predict_proba(read_texts(X))
        if self._targets.exclusive:
            found /= found.sum(axis=1, keepdims=True)
        return found

    def predict(self, X: Column) -> NDArray[Any]:
        """Return what is found in each text, in the form in which ``fit`` got its targets.

        Multi-class: the most probable class, (M,). Multi-label: the labels at or above their
        thresholds, as 0 and 1, int64 (M, L), or as tuples of names, object (M,).

        Args and errors are those of `predict_proba`.
        """
        found = self.predict_proba(X)
        if self._targets.exclusive:
            return np.asarray(self.classes_[found.argmax(axis=1)])
        return self._targets.restore(self.bundle_.thresholds.decide(found))

    def score(self, X: Column, y: object, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of texts whose prediction is right, each of its labels that is.

        Args:
            X: M texts.
            y: Their targets, in the form in which ``fit`` got them.
            sample_weight: float (M,), what each text counts.
        """
        found = self.predict(X)
        if self._targets.form == "names":
            names = self._targets.labels.names
            found, y = (read_targets(rows, class_names=names).y for rows in (found, y))
        return float(accuracy_score(y, found, sample_weight=sample_weight))

    def save(self, folder: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write the model as a bundle, which `EmotionDetector.load` and every command read.

        Args:
            folder: Its new folder.
            overwrite: Replace a bundle that is there.

        Raises:
            NotFittedError: ``fit`` was not called.
            BundleError: Something is there already that is not to be replaced.
        """
        from emoconv.train.card import model_card  # noqa: PLC0415 - imports torch

        check_is_fitted(self)
        card = model_card(self.bundle_)
        write_bundle(self.bundle_, Path(folder), card=card, overwrite=overwrite)

    def _settings(self) -> list[str]:
        """Return what the parameters change in the recipe."""
        changed = {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "embedding_learning_rate": self.learning_rate,
            "threshold_rule": self.threshold_rule,
        }
        own = [f"training.{name}={value}" for name, value in changed.items() if value is not None]
        return [*own, *self.settings]

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, False
        tags.input_tags.string = True
        tags.classifier_tags.multi_label = True
        return tags
