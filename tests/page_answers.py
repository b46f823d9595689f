"""What the page's engine must answer, from Python's own functions, and whether it does."""

import itertools
import random

import numpy as np

from emoconv import EmotionDetector
from emoconv.columns import to_strings
from emoconv.documents import read_document
from page_engine import as_json
from strategies import _FRAGMENTS

GROUPINGS = ("ekman", "sentiment")


class Expected:
    """Answers requests as docs of the HTTP API say, by a detector of the reference."""

    def __init__(self, bundle):
        self._own = EmotionDetector(bundle, engine="reference")
        self._detectors = {}
        self._model = bundle.fingerprint()[:16]
        self.names = {None: self._own.labels}
        for name in GROUPINGS:
            if set(self._own.labels) >= _members(name):
                self.names[name] = self._own.replace(grouping=name).labels

    def probabilities(self, texts):
        return self._own.predict_proba(texts)

    def answer(self, request):
        return {
            "model": self._model,
            "results": [self._result(text, request) for text in request["texts"]],
        }

    def _result(self, text, request):
        bound = request.get("min_confidence") or 0.0
        detector = self._detector(request.get("grouping"), bound)
        asked = request.get("labels") or detector.labels
        result = _judged(detector, detector.predict_proba([text])[0], asked, request)
        if request.get("explain"):
            found = self._explanations(text, request)
            result["explanations"] = [one.to_dict(request.get("top", 5)) for one in found]
        if request.get("by") == "sentence":
            document = read_document(text, detector)
            result["sentences"] = [
                {"start": s, "end": e, "text": text[s:e], **_judged(detector, row, asked, request)}
                for (s, e), row in zip(document.spans, document.probabilities, strict=True)
            ]
            result["summary"] = [s._asdict() for s in document.shares if s.label in asked]
        return result

    def _detector(self, grouping, bound):
        if (grouping, bound) not in self._detectors:
            made = self._own.replace(grouping=grouping, min_confidence=bound)
            self._detectors[grouping, bound] = made
        return self._detectors[grouping, bound]

    def _explanations(self, text, request):
        found = self._own.explain(text)
        if request.get("labels") and not request.get("grouping"):
            return [found[label] for label in found if label in request["labels"]]
        ranked = sorted(found.values(), key=lambda one: -one.probability)
        return [one for one in ranked if one.holds] or ranked[:1]


def _members(grouping):
    from emoconv.grouping import GROUPINGS as KNOWN  # noqa: PLC0415 - beside the names above

    return set(itertools.chain.from_iterable(KNOWN[grouping].groups.values()))


def _judged(detector, probabilities, asked, request):
    bound = detector.min_confidence
    confidence = float(probabilities.max())
    ranked = detector.ranked(probabilities, detector.thresholds, min_confidence=bound)
    judged = {
        "labels": [
            {"label": name, "probability": round(p, 4)} for name, p in ranked if name in asked
        ],
        "confidence": round(confidence, 4),
        "sure": confidence >= bound,
    }
    if request.get("probabilities"):
        pairs = zip(detector.labels, probabilities.tolist(), strict=True)
        judged["probabilities"] = {name: round(p, 4) for name, p in pairs if name in asked}
    return judged


def differences(expected, found, *, within=None, path=""):
    """Where two answers differ: in keys, their order, strings, or numbers by more than allowed.

    Allowed is what rounding makes of sums of 32 bits in another order, unless it is given.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        if list(expected) != list(found):
            return [f"{path}: keys {list(expected)} and {list(found)}"]
        pairs = [(f"{path}/{key}", expected[key], found[key]) for key in expected]
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return [f"{path}: {len(expected)} and {len(found)} values"]
        pairs = [(f"{path}/{i}", *pair) for i, pair in enumerate(zip(expected, found, strict=True))]
    elif isinstance(expected, float) and isinstance(found, int | float):
        unit = 5e-6 if "/explanations/" in path else 1.01e-4  # of the last digit, about
        allowed = unit if within is None else within
        return [] if abs(expected - found) <= allowed else [f"{path}: {expected} and {found}"]
    else:
        return [] if expected == found else [f"{path}: {expected!r} and {found!r}"]
    return [one for where, *pair in pairs for one in differences(*pair, within=within, path=where)]


def requests(texts, names, seed):
    """A request for each few texts, of all options in turn and at random."""
    rng = random.Random(seed)  # noqa: S311 - to draw options
    for first in range(0, len(texts), 4):
        grouping = rng.choice(list(names))
        options = {
            "grouping": grouping,
            "labels": rng.choice([None, rng.sample(names[grouping], 2)]),
            "probabilities": rng.random() < 0.5,
            "explain": rng.random() < 0.5,
            "top": rng.choice([1, 3, 100]),
            "by": rng.choice(["text", "sentence"]),
            "min_confidence": rng.choice([None, 0, 0.3, 0.9]),
        }
        kept = [key for key in options if options[key] is not None or rng.random() < 0.5]
        yield {"texts": texts[first : first + 4], **{key: options[key] for key in kept}}


def drawn_texts(words, count, seed):
    """Texts of a model's words, of what the tokeniser has rules for, and of any characters."""
    rng = random.Random(seed)  # noqa: S311 - to draw texts

    def character():
        return chr(rng.randrange(rng.choice([0x80, 0x3000, 0x110000])))

    def piece():
        kind = rng.random()
        if kind < 0.6:
            return rng.choice(words) + rng.choice([" ", " ", " ", "", ". ", "! "])
        return rng.choice(_FRAGMENTS) if kind < 0.9 else character()

    drawn = ["".join(piece() for _ in range(rng.randrange(1, 40))) for _ in range(count)]
    special = ["", " ", "\ud800", "so happy " * 3000, "a" * 100_000, "😂" * 2000, "I'm " * 2000]
    return [as_json(text) for text in [*special, *drawn]]


def ids_of(bundle, texts):
    from emoconv.text import Encoder  # noqa: PLC0415 - beside its use

    settings = bundle.config.text
    encoder = Encoder(
        bundle.vocabulary, tokenizer=settings.tokenizer, max_tokens=settings.max_tokens
    )
    return [encoder.encode(text)[0] for text in to_strings(texts)]


def largest_difference(expected, found):
    return float(np.abs(expected - found).max(initial=0))
