"""How far a download is: what callers are told while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transfer:
    """A moment of a download.

    Attributes:
        file: its name.
        done: bytes that are there, those of an earlier attempt among them.
        total: bytes that there will be, None where the server does not say.
    """

    file: str
    done: int
    total: int | None


Report = Callable[[Transfer], None]


def silent(_transfer: Transfer) -> None:
    """Tell nobody."""
