"""What a service counts of itself, for Prometheus.

Names and units follow https://prometheus.io/docs/practices/naming/. Knows numbers and names of
routes and labels, never a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emoconv.service.answers import ResultDict

__all__ = ["CONTENT_TYPE_LATEST", "Measures"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Measures:
    """The counters of one service.

    Args:
        labels: The model's own.
    """

    def __init__(self, labels: Iterable[str]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        of = self.registry
        self._requests = Counter(
            "emoconv_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=of,
        )
        self._seconds = Histogram(
            "emoconv_http_request_duration_seconds",
            "Time from a request's head to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=of,
        )
        self.waiting = Gauge(
            "emoconv_requests_waiting", "Requests that wait for an answer.", registry=of
        )
        self._problems = Counter(
            "emoconv_problems", "Requests that were not answered, by kind.", ("kind",), registry=of
        )
        self._texts = Counter("emoconv_texts", "Texts answered.", registry=of)
        self._labels = Counter(
            "emoconv_labels", "Texts in which the model's own label holds.", ("label",), registry=of
        )
        self._held = {label: self._labels.labels(label) for label in labels}
        self._batch_texts = Histogram(
            "emoconv_batch_texts", "Texts computed together.", buckets=_BATCH, registry=of
        )
        self._batch_requests = Histogram(
            "emoconv_batch_requests", "Requests computed together.", buckets=_BATCH, registry=of
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer.

        Args:
            method: One that HTTP defines, or ``"other"``.
            route: The pattern of its address.
            status: Its status.
            seconds: What it took.
        """
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def problem(self, kind: str) -> None:
        """Count a problem."""
        self._problems.labels(kind).inc()

    def batch(self, requests: int, texts: int) -> None:
        """Count what is computed together."""
        self._batch_requests.observe(requests)
        self._batch_texts.observe(texts)

    def results(self, results: Iterable[ResultDict]) -> None:
        """Count texts and labels; of groups, which are no labels of the model, only the texts."""
        count = 0
        for result in results:
            count += 1
            for found in result["labels"]:
                if counter := self._held.get(found["label"]):
                    counter.inc()
        self._texts.inc(count)

    def exposition(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
