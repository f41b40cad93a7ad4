"""How far a run is, how fast, and how long it will take."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 60.0
STEP_SECONDS = 1.0
"""What is remembered of the window: with thousands of images a second, not each of them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a run is.

    Attributes:
        done: images with a result, those of earlier runs among them.
        total: images that there will be.
        failed: of `done`, those without answers.
        per_second: images a second, of late; 0 while that is not known.
    """

    done: int
    total: int
    failed: int = 0
    per_second: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at this pace; None while that is not known."""
        return (self.total - self.done) / self.per_second if self.per_second else None

    def __str__(self) -> str:
        """Return it as words for a person."""
        parts = [f"{self.done} of {self.total} images"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.per_second:
            parts.append(f"{self.per_second:.3g} images/s")
        if self.seconds_left:
            parts.append(f"{duration(self.seconds_left)} left")
        return ", ".join(parts)


class Meter:
    """Measures the pace over the last minute, so that a slow start is soon forgotten.

    Args:
        done: images that are done at the beginning.
        total: images that there will be.
        now: when that is, in seconds of any clock.
    """

    def __init__(self, done: int, total: int, now: float) -> None:
        """Begin to count."""
        self._total = total
        self._seen = deque([(now, done)])

    def pace(self, done: int, failed: int, now: float) -> Pace:
        """Return the pace when so many are done and have failed."""
        if now - self._seen[-1][0] >= STEP_SECONDS:
            self._seen.append((now, done))
        while len(self._seen) > 1 and now - self._seen[1][0] >= WINDOW_SECONDS:
            self._seen.popleft()
        begun, before = self._seen[0]
        rate = (done - before) / (now - begun) if now > begun else 0.0
        return Pace(done, self._total, failed, rate)


def duration(seconds: float) -> str:
    """Return a time as "45 s", "12 min 5 s" or "3 h 20 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
