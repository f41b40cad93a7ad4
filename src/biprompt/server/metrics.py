"""Counters for Prometheus; a registry per application, so that two of them never mix."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32)

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """What is counted. Names begin with `biprompt_`."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"biprompt_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"biprompt_{name}", text, labels, buckets=buckets, registry=registry)

        self._requests = counter("requests", "Requests answered", "route", "method", "status")
        self._seconds = histogram(
            "request_seconds", "From the request to the last byte of the answer", _SECONDS, "route"
        )
        self._looks = counter("looks", "Asks for an embedding: made, kept, shared, failed", "how")
        self._look_seconds = histogram("look_seconds", "Seconds of an image pass", _SECONDS)
        self._batch = histogram("batch_prompts", "Prompts in one call of the model", _SIZES)
        self._wait = histogram("queue_seconds", "Seconds the oldest of a call waited", _SECONDS)
        self._together = counter("questions_together", "Questions that shared a call")
        self._verdicts = counter("answers", "Answers by verdict", "verdict")

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def looked(self, how: str, seconds: float) -> None:
        """Count an ask for an embedding."""
        self._looks.labels(how).inc()
        if how == "made":
            self._look_seconds.observe(seconds)

    def called(self, questions: int, prompts: int, waited: float) -> None:
        """Count a call of the model."""
        self._batch.observe(prompts)
        self._wait.observe(waited)
        if questions > 1:
            self._together.inc(questions)

    def answered(self, verdict: str) -> None:
        """Count an answer."""
        self._verdicts.labels(verdict).inc()

    def watch(self, gauges: Mapping[str, tuple[str, Callable[[], float]]]) -> None:
        """Add gauges: name to what it tells and how it is read, at the time of asking."""
        for name, (text, read) in gauges.items():
            Gauge(f"biprompt_{name}", text, registry=self._registry).set_function(read)

    def page(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)
