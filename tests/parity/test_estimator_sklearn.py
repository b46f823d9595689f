"""scikit-learn's own checks of estimators, those that make sense for texts."""

import numpy as np
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from emoconv import EmotionClassifier

SMALL = (
    "text.min_count=1",
    "model.embedding_width=8",
    "model.filters=8",
    "model.kernel_widths=[1]",
    "training.embedding_dropout=0",
    "training.feature_dropout=0",
)


def words(X):
    """A word for each number, so that near numbers have the same."""
    steps = np.rint(2 * np.asarray(X, dtype=np.float64)).astype(int) % 26
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [" ".join(f"w{letters[j % 26]}{letters[v]}" for j, v in enumerate(row)) for row in steps]


class OfNumbers(EmotionClassifier):
    """The estimator for the matrices that scikit-learn's checks have: numbers become words."""

    def fit(self, X, y, sample_weight=None):
        return super().fit(words(validate_data(self, X)), y, sample_weight)

    def predict_proba(self, X):
        return super().predict_proba(words(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array = True, False
        tags.input_tags.string = False
        return tags


NOT_FOR_US = {
    "check_sample_weight_equivalence_on_dense_data": "a text of weight 2 is in one batch and the "
    "same text twice may be in two, so that the steps of Adam differ",
}


@parametrize_with_checks(
    [
        OfNumbers(
            warm_start_from=None,
            epochs=6,
            batch_size=32,
            learning_rate=0.05,
            validation=2,
            settings=SMALL,
        )
    ],
    expected_failed_checks=lambda _estimator: NOT_FOR_US,
)
def test_a_check_of_scikit_learn_holds(estimator, check):
    check(estimator)
