"""What a page is about: a model's answers to labelled texts, and what else is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from emoconv.bundle import Bundle
    from emoconv.data import Dataset
    from emoconv.metrics import Evaluation, RiskCoverage
    from emoconv.thresholds import Thresholds

__all__ = ["Behaviour", "Explain", "Explained", "Share", "Subject"]


class Share(Protocol):
    """Part of a text, and what it gives to a label's logit."""

    @property
    def start(self) -> int:
        """Offset of its first character."""

    @property
    def end(self) -> int:
        """Offset after its last."""

    @property
    def text(self) -> str:
        """The characters between."""

    @property
    def share(self) -> float:
        """Above 0 it speaks for the label, below 0 against."""


class Explained(Protocol):
    """Why a text has the probability of a label that it has."""

    @property
    def phrases(self) -> Sequence[Share]:
        """What spoke for the label and against it, the strongest first; they overlap."""

    @property
    def words(self) -> Sequence[Share]:
        """The same for each word, in the order of the text; they do not overlap."""


Explain = Callable[[str, str], Explained]
"""Explains a text's probability of a label."""


@dataclass(frozen=True)
class Behaviour:
    """How many cases of one kind of a behaviour suite a model passed.

    Args:
        name: What is tried ("negation").
        passed: Cases passed.
        cases: All cases, at least 1.
        about: What is expected, in a sentence.
    """

    name: str
    passed: int
    cases: int
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a page is about.

    Args:
        name: Of the data ("test.tsv").
        dataset: N texts and what is true of them.
        probabilities: float32 (N, L) in [0, 1], the model's, for the data's labels.
        predicted: bool (N, L), what was decided.
        evaluation: Of these.
        cuts: What decided; one for each of the data's labels, or of the model's.
        bundle: The model.
        model: What the model is called ("the model of the package").
        resamples: Bootstrap draws behind the intervals of slices; 0 for none.
        explain: Explains the worst errors, if given.
        curve: Risk against coverage, if it was measured.
        behaviour: Pass rates of a behaviour suite, if it was run.
    """

    name: str
    dataset: Dataset
    probabilities: NDArray[np.floating]
    predicted: NDArray[np.bool_]
    evaluation: Evaluation
    cuts: Thresholds
    bundle: Bundle
    model: str
    resamples: int = 0
    explain: Explain | None = None
    curve: RiskCoverage | None = None
    behaviour: Sequence[Behaviour] = ()
