"""The public object: texts in, probabilities and labels out."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from emoconv.annotation import ADDITIONS, annotate
from emoconv.bundle import read_bundle, shipped_bundle
from emoconv.columns import gather, to_arrow, to_strings
from emoconv.engine import ReferenceEngine
from emoconv.errors import ConfigError, MissingExtraError, did_you_mean
from emoconv.text import Encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    import pyarrow as pa
    from numpy.typing import NDArray

    from emoconv.annotation import Addition, Form
    from emoconv.bundle import Bundle
    from emoconv.columns import Column, Gathered
    from emoconv.engine.compiled import CompiledEngine

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

    Raises:
        ConfigError: There is no such engine, or ``threads`` is below 1.
        MissingExtraError: The compiled engine is wanted and numba is not installed.

    Example:
        >>> from emoconv import EmotionDetector
        >>> detector = EmotionDetector.load()
        >>> detector.detect("Thank you so much!")[0][0]
        'gratitude'
    """

    def __init__(
        self, bundle: Bundle, *, engine: Engine = "auto", threads: int | None = None
    ) -> None:
        if engine not in ENGINES:
            hint = did_you_mean(engine, ENGINES)
            known = ", ".join(map(repr, ENGINES))
            raise ConfigError(f"no engine {engine!r}{hint} (known: {known})")
        if threads is not None and threads < 1:
            raise ConfigError(f"threads is {threads}; expected at least 1, or None for all cores")
        self.bundle = bundle
        self.engine = engine
        self.threads = threads
        self._may_compile = engine != "reference" and _numba_is_there()
        if engine in _COMPILED and not self._may_compile:
            raise MissingExtraError("the compiled engine", extra="fast")
        self._compiled: CompiledEngine | None = None
        self._reference: tuple[Encoder, ReferenceEngine] | None = None
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        folder: str | PathLike[str] | None = None,
        *,
        engine: Engine = "auto",
        threads: int | None = None,
    ) -> EmotionDetector:
        """Load a model. Nothing is compiled yet: see `warm`.

        Args:
            folder: A bundle that ``emoconv train`` wrote; ``None`` for the one that comes with
                the package.
            engine: As of the class.
            threads: As of the class.

        Raises:
            BundleError: The folder is no whole bundle.
            BundleVersionError: It was written by a newer emoconv.
            ConfigError: There is no such engine, or ``threads`` is below 1.
            MissingExtraError: The compiled engine is wanted and numba is not installed.
        """
        bundle = read_bundle(shipped_bundle() if folder is None else Path(folder))
        return cls(bundle, engine=engine, threads=threads)

    def __reduce__(self) -> tuple[Callable[..., EmotionDetector], tuple[object, ...]]:
        """Copy the model and the choices, for another process say; engines start anew there."""
        return _made, (self.bundle, self.engine, self.threads)

    @property
    def labels(self) -> tuple[str, ...]:
        """The L label names, in the order of every array's columns."""
        return self.bundle.labels.names

    @property
    def thresholds(self) -> NDArray[np.float32]:
        """The cut of each label, float32 (L,): a label holds at or above it."""
        return self.bundle.thresholds.values

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
        steady = EmotionDetector(self.bundle, engine=chosen, threads=self.threads)
        steady._compiled = self._compiled
        return steady

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
        column = gather(texts)
        engine = self._compiled_engine() if self._is_worth_compiling(len(column)) else None
        if engine is not None:
            return engine.probabilities(to_arrow(column))
        parts = [
            self._by_reference(column[first : first + _SLICE_TEXTS])
            for first in range(0, len(column), _SLICE_TEXTS)
        ]
        return np.concatenate([np.zeros((0, len(self.labels)), dtype=np.float32), *parts])

    def predict(self, texts: Column) -> NDArray[np.bool_]:
        """Return which labels hold in each text: bool (N, L), none for a missing text.

        Args and errors are those of `predict_proba`.
        """
        return self.bundle.thresholds.decide(self.predict_proba(texts))

    def detect(self, text: str) -> list[tuple[str, float]]:
        """Return the labels that hold in one text with their probabilities, strongest first.

        Raises:
            TypeError: ``text`` is not a string.
        """
        if not isinstance(text, str):
            raise TypeError(f"detect takes one text, a str; got {type(text).__name__}")
        probabilities = self.predict_proba([text])[0]
        return self.ranked(probabilities, self.thresholds)

    def ranked(
        self, probabilities: NDArray[np.float32], cuts: NDArray[np.float32] | float
    ) -> list[tuple[str, float]]:
        """Return the labels at or above their cuts with their probabilities, strongest first.

        Args:
            probabilities: float32 (L,), a row of `predict_proba`.
            cuts: float32 (L,), or one for all; 0 for every label.
        """
        chosen = np.flatnonzero(probabilities >= cuts)
        order = chosen[np.argsort(-probabilities[chosen], kind="stable")]
        return [(self.labels[i], float(probabilities[i])) for i in order]

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
        - ``top_label``, string: the label of the highest probability, whether it holds or not.
        - ``probabilities``, fixed_size_list<float>[L]: in the order of `labels`.

        With ``probabilities="columns"`` the last is a column of float for each label, of the name
        ``probability_`` and the label's.

        Args:
            batch: Any columns.
            column: The name of the one that holds the texts.
            columns: Which of them are added: ``"labels"``, ``"top"``, ``"probabilities"``.
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

    def _by_reference(self, column: Gathered) -> NDArray[np.float32]:
        if self._reference is None:
            text = self.bundle.config.text
            self._reference = (
                Encoder(
                    self.bundle.vocabulary, tokenizer=text.tokenizer, max_tokens=text.max_tokens
                ),
                ReferenceEngine(self.bundle),
            )
        encoder, engine = self._reference
        texts = to_strings(column)
        encoded = encoder.encode_batch("" if text is None else text for text in texts)
        found = self.bundle.calibration.apply(engine.logits(encoded))
        found[[text is None for text in texts]] = np.nan
        return found


def _made(bundle: Bundle, engine: Engine, threads: int | None) -> EmotionDetector:
    return EmotionDetector(bundle, engine=engine, threads=threads)


def _numba_is_there() -> bool:
    """Tell whether numba is installed, without importing it."""
    try:
        return importlib.util.find_spec("numba") is not None
    except ImportError:  # of whoever forbids it
        return False
