"""The public object: texts in, probabilities and labels out."""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from typing import TYPE_CHECKING, Literal, overload

import numpy as np

from emoconv.annotation import ADDITIONS, annotate
from emoconv.bundle import read_bundle
from emoconv.columns import gather, to_arrow, to_strings
from emoconv.decision import check_confidence, held
from emoconv.engine import ReferenceEngine
from emoconv.errors import ConfigError, MissingExtraError, did_you_mean
from emoconv.grouping import find_grouping
from emoconv.hub import find_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.annotation import Addition, Form
    from emoconv.bundle import Bundle
    from emoconv.columns import Column, Gathered
    from emoconv.engine.compiled import CompiledEngine
    from emoconv.explanation import Explainer, Explanation
    from emoconv.labels import Taxonomy
    from emoconv.text import Encoder

__all__ = ["ENGINES", "MANY_TEXTS", "MANY_TEXTS_UNCOMPILED", "EmotionDetector", "Engine"]

Engine = Literal["auto", "compiled", "exact", "reference"]
"""Which code computes: compiled, for many texts, from tables in int8 or (exact) in float32; the
reference, plain numpy, for few."""

ENGINES: tuple[Engine, ...] = ("auto", "compiled", "exact", "reference")

_COMPILED = ("compiled", "exact")
"""Those that are asked for by name and cannot be had without numba."""

MANY_TEXTS = 3_000
"""So many texts at once are worth the start of the compiled engine: it takes about as long as the
reference takes for them (``dev/LOG.md``)."""

MANY_TEXTS_UNCOMPILED = 100_000
"""The same where the engine must be compiled first."""

_SLICE_TEXTS = 2**14
"""Texts that are Python strings at the same time when the reference computes."""


class EmotionDetector:
    """Detects emotions in texts; any number of labels may hold for one text.

    Made by `load`, or from a bundle in memory.

    Two engines compute the same network, one in plain numpy and one in compiled code that the
    extra ``fast`` brings (numba). The compiled one is ten times as fast or more, and takes a third
    of a second to start, or some 15 seconds the first time on a machine. It reads tables in int8:
    on GoEmotions the shipped model's probabilities are within 0.011 of the reference's, and in one
    text of two hundred a label that is near its cut comes or goes. A detector is safe to use from
    several threads.

    Args:
        bundle: The model.
        engine: ``"reference"`` or ``"compiled"``, and always that; ``"exact"``: compiled, with
            tables in float32, which take four times the memory and agree with the reference to
            within 0.00001; or ``"auto"``: the compiled one from the first call with `MANY_TEXTS`
            texts or from `warm` on, if numba is installed; from the first with
            `MANY_TEXTS_UNCOMPILED` texts where it must be compiled first.
        threads: Of the compiled engine; ``None`` for one per core. Results are the same bit for
            bit whatever their number.
        grouping: Groups of labels in the place of the labels, wherever this speaks of labels:
            ``"ekman"``, ``"sentiment"``, a mapping file or a taxonomy. What a group's probability
            and threshold are is told by `Taxonomy`.
        min_confidence: In a text whose highest probability is below it no label holds.

    Raises:
        ConfigError: There is no such engine or grouping, ``threads`` is below 1, or
            ``min_confidence`` is not in [0, 1].
        LabelError: A group has a member that the model does not have.
        DataError: The mapping file is not as it should be.
        MissingExtraError: The compiled engine is wanted and numba is not installed.

    Example:
        >>> from emoconv import EmotionDetector
        >>> detector = EmotionDetector.load()
        >>> detector.detect("Thank you so much!")[0][0]
        'gratitude'
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        engine: Engine = "auto",
        threads: int | None = None,
        grouping: str | PathLike[str] | Taxonomy | None = None,
        min_confidence: float = 0.0,
    ) -> None:
        if engine not in ENGINES:
            hint = did_you_mean(engine, ENGINES)
            known = ", ".join(map(repr, ENGINES))
            raise ConfigError(f"no engine {engine!r}{hint} (known: {known})")
        if threads is not None and threads < 1:
            raise ConfigError(f"threads is {threads}; expected at least 1, or None for all cores")
        check_confidence(min_confidence)
        self.bundle = bundle
        self.engine = engine
        self.threads = threads
        self.grouping: Taxonomy | None = None
        self.min_confidence = min_confidence
        if grouping is not None:
            self.grouping = find_grouping(grouping, bundle.labels).taxonomy
        self._may_compile = engine != "reference" and _numba_is_there()
        if engine in _COMPILED and not self._may_compile:
            raise MissingExtraError("the compiled engine", extra="fast")
        self._compiled: CompiledEngine | None = None
        self._reference: tuple[Encoder, ReferenceEngine] | None = None
        self._explainer: Explainer | None = None
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        folder: str | PathLike[str] | None = None,
        *,
        engine: Engine = "auto",
        threads: int | None = None,
        grouping: str | PathLike[str] | Taxonomy | None = None,
        min_confidence: float = 0.0,
    ) -> EmotionDetector:
        """Load a model. Nothing is compiled yet: see `warm`.

        Args:
            folder: A bundle that ``emoconv train`` wrote, or ``hub:USER/NAME@REVISION`` for one on
                the Hugging Face Hub (`emoconv.hub.find_folder`); ``None`` for the one that comes
                with the package.
            engine: As of the class.
            threads: As of the class.
            grouping: As of the class.
            min_confidence: As of the class.

        Raises:
            BundleError: The folder is no whole bundle.
            BundleVersionError: It was written by a newer emoconv.
            HubError: It is on the Hub and cannot be had from there.
            ConfigError: As of the class, and so are other errors.
        """
        return cls(
            read_bundle(find_folder(folder)),
            engine=engine,
            threads=threads,
            grouping=grouping,
            min_confidence=min_confidence,
        )

    def __reduce__(self) -> tuple[Callable[..., EmotionDetector], tuple[object, ...]]:
        """Copy the model and the choices, for another process say; engines start anew there."""
        return _made, (
            self.bundle,
            self.engine,
            self.threads,
            self.grouping,
            self.min_confidence,
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The L label names, or those of groups, in the order of every array's columns."""
        if self.grouping is not None:
            return tuple(self.grouping.groups)
        return self.bundle.labels.names

    @property
    def thresholds(self) -> NDArray[np.float32]:
        """The cut of each label, float32 (L,): a label holds at or above it."""
        cuts = self.bundle.thresholds.values
        return cuts if self.grouping is None else self.grouping.cuts(cuts, self.bundle.labels)

    def fingerprint(self) -> str:
        """Return a SHA-256 of all that an answer depends on but for the engine, in hexadecimal.

        It is the bundle's where there is no grouping and no least confidence.
        """
        own = self.bundle.fingerprint()
        if self.grouping is None and not self.min_confidence:
            return own
        groups = "" if self.grouping is None else self.grouping.fingerprint()
        return hashlib.sha256(f"{own} {groups} {self.min_confidence}".encode()).hexdigest()

    def replace(
        self,
        *,
        engine: Engine | None = None,
        threads: int | None = None,
        grouping: str | PathLike[str] | Taxonomy | None = None,
        min_confidence: float | None = None,
    ) -> EmotionDetector:
        """Return a detector of the same model with other choices.

        What has started is shared, so a service can offer groupings beside the labels.

        Args:
            engine: As of the class; ``None`` for the same as here, and so below.
            threads: As of the class.
            grouping: As of the class; always of the model's own labels.
            min_confidence: As of the class.

        Raises:
            ConfigError: As of the class, and so are other errors.
        """
        other = EmotionDetector(
            self.bundle,
            engine=engine or self.engine,
            threads=self.threads if threads is None else threads,
            grouping=self.grouping if grouping is None else grouping,
            min_confidence=self.min_confidence if min_confidence is None else min_confidence,
        )
        same_tables = (other.engine == "exact") == (self.engine == "exact")
        if other._may_compile and same_tables and other.threads == self.threads:
            other._compiled = self._compiled
        other._reference, other._explainer = self._reference, self._explainer
        return other

    def steady(self, texts: int | None = None) -> EmotionDetector:
        """Return a detector that computes by one engine from its first text to its last.

        One with ``engine="auto"`` changes it when many texts come at once; where a stream is cut
        into batches its answers would depend on where. One whose engine was named is returned as
        it is.

        Args:
            texts: How many there are going to be, about; ``None`` for very many.
        """
        if self.engine != "auto":
            return self
        chosen: Engine = "reference"
        if self._is_worth_compiling(MANY_TEXTS_UNCOMPILED if texts is None else texts):
            chosen = "reference" if self._compiled_engine() is None else "compiled"
        return self.replace(engine=chosen)

    def warm(self) -> None:
        """Start the compiled engine now, before texts are waiting; for a service, say.

        Does nothing where numba is not installed or the reference was asked for.
        """
        engine = self._compiled_engine()
        if engine is not None:
            engine.probabilities(to_arrow(["warm"]))

    def predict_proba(self, texts: Column) -> NDArray[np.float32]:
        """Return the probability of each label in each text.

        Args:
            texts: N texts of any length, empty ones too: strings in any sequence, a numpy array of
                strings or objects, a pyarrow array or chunked array of any type of string or of
                a dictionary of them, a column of pandas or polars. ``None``, null and what
                pandas calls missing stand for a missing text.

        Returns:
            float32 (N, L), calibrated, in [0, 1]; labels are independent, so rows do not sum to
            1. The row of a missing text is NaN.

        Raises:
            TypeError: ``texts`` is a single string or a table, or a value is not a string.
        """
        own = self._own_probabilities(gather(texts))
        return (
            own if self.grouping is None else self.grouping.probabilities(own, self.bundle.labels)
        )

    def predict(self, texts: Column) -> NDArray[np.bool_]:
        """Return which labels hold in each text: bool (N, L), none for a missing text.

        Args and errors are those of `predict_proba`.
        """
        found = self.predict_proba(texts)
        return held(found, self.thresholds, min_confidence=self.min_confidence)

    def detect(self, text: str) -> list[tuple[str, float]]:
        """Return the labels that hold in one text with their probabilities, strongest first.

        Raises:
            TypeError: ``text`` is not a string.
        """
        if not isinstance(text, str):
            raise TypeError(f"detect takes one text, a str; got {type(text).__name__}")
        probabilities = self.predict_proba([text])[0]
        return self.ranked(probabilities, self.thresholds, min_confidence=self.min_confidence)

    def ranked(
        self,
        probabilities: NDArray[np.float32],
        cuts: NDArray[np.float32] | float,
        *,
        min_confidence: float = 0.0,
    ) -> list[tuple[str, float]]:
        """Return the labels at or above their cuts with their probabilities, strongest first.

        Args:
            probabilities: float32 (L,), a row of `predict_proba`.
            cuts: float32 (L,), or one for all; 0 for every label.
            min_confidence: If the highest probability is below it, there is none.
        """
        chosen = np.flatnonzero(held(probabilities[None], cuts, min_confidence=min_confidence))
        order = chosen[np.argsort(-probabilities[chosen], kind="stable")]
        return [(self.labels[i], float(probabilities[i])) for i in order]

    @overload
    def explain(self, text: str, label: None = None) -> dict[str, Explanation]: ...

    @overload
    def explain(self, text: str, label: str) -> Explanation: ...

    def explain(self, text: str, label: str | None = None) -> dict[str, Explanation] | Explanation:
        """Return what each phrase of one text gives to each label, or to one.

        The parts of a logit sum to it. With a linear output, as the default recipe has it, they
        are the model's own; with a hidden layer they are an approximation, and ``exact`` is false.
        It is the reference that is explained: the compiled engine's tables in int8 may give a
        probability that is up to 0.011 away.

        Args:
            text: Of any length.
            label: The one label that is asked about; ``None`` for all, in their order.

        Raises:
            TypeError: ``text`` is not a string.
            LabelError: The model has no such label.

        Example:
            >>> from emoconv import EmotionDetector
            >>> gratitude = EmotionDetector.load().explain("Thank you so much!", "gratitude")
            >>> [phrase.text for phrase in gratitude.phrases[:2]]
            ['Thank', 'Thank you']
        """
        if not isinstance(text, str):
            raise TypeError(f"explain takes one text, a str; got {type(text).__name__}")
        if label is not None:
            self.bundle.labels.index(label)  # or say that there is none
        if self._explainer is None:
            from emoconv.explanation import Explainer  # noqa: PLC0415 - most never ask

            encoder, engine = self._reference_parts()
            self._explainer = Explainer(self.bundle, encoder=encoder, engine=engine)
        found = self._explainer.explain(text)
        return found if label is None else found[label]

    def predict_arrow(
        self,
        batch: pa.RecordBatch,
        column: str = "text",
        *,
        columns: Sequence[Addition] = ADDITIONS,
        probabilities: Form = "list",
        prefix: str = "",
    ) -> pa.RecordBatch:
        """Return a record batch with what is found in one of its columns beside all of them.

        The new columns, whose values are all null for a missing text:

        - ``labels``, list<string>: the labels that hold, strongest first; may be empty.
        - ``top_label``, string: the label of the highest probability, whether it holds or not;
          null where that is below ``min_confidence``.
        - ``confidence``, float: the highest probability, only if it is asked for.
        - ``probabilities``, fixed_size_list<float>[L]: in the order of `labels`.

        With ``probabilities="columns"`` the last is a column of float for each label, of the name
        ``probability_`` and the label's.

        Args:
            batch: Any columns.
            column: The name of the one that holds the texts.
            columns: Which of them are added: ``"labels"``, ``"top"``, ``"confidence"``,
                ``"probabilities"``.
            probabilities: ``"list"`` or ``"columns"``.
            prefix: What the names of the new columns begin with.

        Raises:
            TypeError: ``batch`` is no record batch, or the column does not hold strings.
            DataError: It has no such column, or more than one, or has a new column's name already.
            ConfigError: ``columns`` or ``probabilities`` has what is none of these.
        """
        return annotate(
            batch,
            column,
            labels=self.labels,
            predict_proba=self.predict_proba,
            cuts=self.thresholds,
            min_confidence=self.min_confidence,
            columns=columns,
            form=probabilities,
            prefix=prefix,
        )

    def _is_worth_compiling(self, count: int) -> bool:
        """Tell whether the compiled engine is to compute so many texts, if it can be had."""
        if self.engine in _COMPILED or self._compiled is not None:
            return True
        if not self._may_compile or count < MANY_TEXTS:
            return False
        from emoconv.engine.compiled import is_compiled  # noqa: PLC0415 - for many texts

        return count >= MANY_TEXTS_UNCOMPILED or is_compiled()

    def _compiled_engine(self) -> CompiledEngine | None:
        """Return the compiled engine, started if need be; None where it cannot be had."""
        with self._lock:
            if self._compiled is None and self._may_compile:
                from emoconv.engine.compiled import CompiledEngine  # noqa: PLC0415 - for many texts

                try:
                    self._compiled = CompiledEngine(
                        self.bundle,
                        threads=self.threads,
                        dtype=np.float32 if self.engine == "exact" else np.int8,
                    )
                except MissingExtraError:  # numba is there and does not fit numpy, say
                    if self.engine in _COMPILED:
                        raise
                    self._may_compile = False
            return self._compiled

    def _own_probabilities(self, column: Gathered) -> NDArray[np.float32]:
        """Return the probabilities of the model's own labels, float32 (N, of those)."""
        engine = self._compiled_engine() if self._is_worth_compiling(len(column)) else None
        if engine is not None:
            return engine.probabilities(to_arrow(column))
        parts = [
            self._by_reference(column[first : first + _SLICE_TEXTS])
            for first in range(0, len(column), _SLICE_TEXTS)
        ]
        return np.concatenate([np.zeros((0, len(self.bundle.labels)), dtype=np.float32), *parts])

    def _reference_parts(self) -> tuple[Encoder, ReferenceEngine]:
        if self._reference is None:
            self._reference = self.bundle.encoder(), ReferenceEngine(self.bundle)
        return self._reference

    def _by_reference(self, column: Gathered) -> NDArray[np.float32]:
        encoder, engine = self._reference_parts()
        texts = to_strings(column)
        encoded = encoder.encode_batch("" if text is None else text for text in texts)
        found = self.bundle.calibration.apply(engine.logits(encoded))
        found[[text is None for text in texts]] = np.nan
        return found


def _made(
    bundle: Bundle,
    engine: Engine,
    threads: int | None,
    grouping: Taxonomy | None,
    min_confidence: float,
) -> EmotionDetector:
    return EmotionDetector(
        bundle, engine=engine, threads=threads, grouping=grouping, min_confidence=min_confidence
    )


def _numba_is_there() -> bool:
    """Tell whether numba is installed, without importing it."""
    try:
        return importlib.util.find_spec("numba") is not None
    except ImportError:  # of whoever forbids it
        return False
