"""How fast emoconv is on this machine: start, one text, many texts.

Measures through the public detector only. Starts are measured in fresh processes, since this one
has everything imported already. Knows nothing of how figures are shown.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emoconv.detector import EmotionDetector
from emoconv.engine.compiled import available_cores
from emoconv.errors import ConfigError, MissingExtraError
from emoconv.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emoconv.bundle import Bundle
    from emoconv.columns import Column
    from emoconv.detector import Engine

__all__ = ["Latency", "Machine", "Rate", "Speed", "Start", "machine", "measure", "sample_texts"]

_ROUNDS = 5
_MOST_TEXTS = 1_000_000
"""More texts than these are not held in memory for a round, however fast the machine."""
_LATENCY_TEXTS = 1_000
_SAMPLE_TEXTS = 10_000
_MEAN_WORDS = 13  # of a GoEmotions comment
_ENGINES: tuple[Engine, ...] = ("reference", "compiled")

_START = """
import json, sys, time
begin = time.perf_counter()
import emoconv
imported = time.perf_counter()
from emoconv import EmotionDetector
detector = EmotionDetector.load(sys.argv[1] or None)
loaded = time.perf_counter()
detector.detect("I can't believe you came all this way. Thank you so much!")
answered = time.perf_counter()
detector.warm()
warmed = time.perf_counter()
try:
    import resource
except ImportError:
    peak = None
else:
    unit = 1 if sys.platform == "darwin" else 1024
    peak = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seconds = [imported - begin, loaded - imported, answered - loaded, warmed - answered]
print(json.dumps([*seconds, peak]))
"""


@dataclass(frozen=True)
class Machine:
    """What figures are of.

    Attributes:
        processor: Its name, as far as the system tells.
        cores: Those that this process may use.
        system: The operating system.
        python: Version of the interpreter.
        emoconv: Version of the package.
    """

    processor: str
    cores: int
    system: str
    python: str
    emoconv: str


@dataclass(frozen=True)
class Start:
    """A fresh process, median of several.

    Attributes:
        import_seconds: ``import emoconv``.
        load_seconds: Import and load the detector.
        first_seconds: Its first answer.
        warm_seconds: Start of the compiled engine, from code that was compiled before; next to
            nothing where numba is not installed.
        peak_bytes: Most memory resident in all this; None where the system does not say.
    """

    import_seconds: float
    load_seconds: float
    first_seconds: float
    warm_seconds: float
    peak_bytes: int | None


@dataclass(frozen=True)
class Latency:
    """One text after the other, from ``str`` to labels.

    Attributes:
        engine: ``"reference"`` or ``"compiled"``.
        p50_seconds: Median.
        p99_seconds: 99th percentile.
        texts: How many were timed.
    """

    engine: str
    p50_seconds: float
    p99_seconds: float
    texts: int


@dataclass(frozen=True)
class Rate:
    """Many texts at once, from an Arrow array to probabilities.

    Attributes:
        engine: ``"reference"`` or ``"compiled"``.
        threads: Of the engine.
        texts_per_second: Median of rounds.
        lowest: Of the slowest round.
        highest: Of the fastest.
        texts: Of a round; a short list of texts is repeated.
    """

    engine: str
    threads: int
    texts_per_second: float
    lowest: float
    highest: float
    texts: int


@dataclass(frozen=True)
class Speed:
    """All figures of a run.

    Attributes:
        machine: Where.
        texts: How many different texts were given.
        mean_characters: Of a text.
        start: Of a fresh process.
        latencies: One for each engine that is there.
        rates: The reference's, then the compiled engine's on one thread and on all cores.
    """

    machine: Machine
    texts: int
    mean_characters: float
    start: Start
    latencies: tuple[Latency, ...]
    rates: tuple[Rate, ...]

    def to_dict(self) -> dict[str, object]:
        """Return what `json` writes."""
        return asdict(self)


def machine() -> Machine:
    """Return what this process runs on."""
    return Machine(
        processor=_processor(),
        cores=available_cores(),
        system=platform.platform(terse=True),
        python=platform.python_version(),
        emoconv=__version__,
    )


def _processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name; on Linux from where `platform` does not look."""
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def sample_texts(bundle: Bundle, count: int, *, seed: int = 0) -> list[str]:
    """Return texts of a vocabulary's words, the frequent ones more often, as in a language.

    The word of rank r is drawn with a probability that goes with 1 / (r + 3) (Mandelbrot 1953,
    "An informational theory of the statistical structure of language"), and texts are about as
    long as comments. So they read tables as real texts do, though they say nothing.

    Args:
        bundle: The model.
        count: How many.
        seed: The same texts for the same one.
    """
    words = [word for word in bundle.vocabulary.tokens if word.isalpha()] or ["word"]
    rng = np.random.default_rng(seed)
    weights = 1 / (np.arange(len(words)) + 3)
    lengths = 1 + rng.poisson(_MEAN_WORDS - 1, count)
    drawn = iter(rng.choice(len(words), int(lengths.sum()), p=weights / weights.sum()).tolist())
    return [" ".join(words[next(drawn)] for _ in range(length)) + "." for length in lengths]


def measure(
    texts: Sequence[str] | None = None,
    *,
    folder: Path | None = None,
    seconds: float = 1.0,
) -> Speed:
    """Measure starts, latencies and rates.

    Args:
        texts: What to score; None for `sample_texts` of the model.
        folder: The model; None for the one that comes with the package.
        seconds: About how long a round of many texts is to take; there are five.

    Raises:
        ConfigError: There are no texts.
        BundleError: The folder is no whole bundle.
    """
    bundle = EmotionDetector.load(folder).bundle
    texts = sample_texts(bundle, _SAMPLE_TEXTS) if texts is None else texts
    if not texts:
        raise ConfigError("there are no texts to measure with")
    start = _start(folder)
    detectors = []
    for engine in _ENGINES:
        for threads in (1,) if engine == "reference" else sorted({1, available_cores()}):
            try:
                detectors.append(EmotionDetector(bundle, engine=engine, threads=threads))
            except MissingExtraError:
                continue
    one_each = {detector.engine: detector for detector in detectors}
    return Speed(
        machine=machine(),
        texts=len(texts),
        mean_characters=sum(map(len, texts)) / len(texts),
        start=start,
        latencies=tuple(_latency(detector, texts, seconds) for detector in one_each.values()),
        rates=tuple(_rate(detector, texts, seconds) for detector in detectors),
    )


def _start(folder: Path | None) -> Start:
    rows = [
        json.loads(
            subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-c", _START, str(folder or "")],
                stdout=subprocess.PIPE,
                check=True,
            ).stdout
        )
        for _ in range(_ROUNDS)
    ]
    rows = rows[1:]  # the first may have to compile
    imported, loaded, first, warm = (statistics.median(row[i] for row in rows) for i in range(4))
    peaks = [row[4] for row in rows if row[4] is not None]
    return Start(imported, imported + loaded, first, warm, max(peaks, default=None))


def _latency(detector: EmotionDetector, texts: Sequence[str], seconds: float) -> Latency:
    some = [texts[i % len(texts)] for i in range(_LATENCY_TEXTS)]
    for text in some:
        detector.detect(text)
    taken, end = [], time.perf_counter() + seconds
    for text in some:
        taken.append(_seconds(partial(detector.detect, text)))
        if time.perf_counter() > end:
            break
    p50, p99 = np.percentile(taken, [50, 99])
    return Latency(detector.engine, float(p50), float(p99), len(taken))


def _rate(detector: EmotionDetector, texts: Sequence[str], seconds: float) -> Rate:
    import pyarrow as pa  # noqa: PLC0415 - heavy, wanted here only

    def column(count: int) -> Column:
        return pa.array([texts[i % len(texts)] for i in range(count)], pa.string())

    count = min(1_000, 10 * len(texts))
    detector.predict_proba(column(count))
    took = _seconds(lambda: detector.predict_proba(column(count)))
    count = max(1, min(_MOST_TEXTS, int(count * seconds / took)))
    some = column(count)
    rates = sorted(count / _seconds(lambda: detector.predict_proba(some)) for _ in range(_ROUNDS))
    threads = detector.threads or available_cores()
    return Rate(detector.engine, threads, statistics.median(rates), rates[0], rates[-1], count)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
