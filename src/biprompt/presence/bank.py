"""Banks of questions with known answers, split once and for all by a hash of the question."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from biprompt.errors import DataError
from biprompt.presence.domain import Domain

FOLDER = Path(__file__).parent / "banks"


@dataclass(frozen=True)
class Question:
    """A question and its answer.

    Attributes:
        text: the question.
        things: what it asks for; empty where it has to be refused.
        kind: what it asks for otherwise ("off the topic"), empty where there are things.
    """

    text: str
    things: frozenset[str]
    kind: str = ""

    @property
    def held_back(self) -> bool:
        """Whether it is kept for measuring: nothing is tuned on it (SHA-256, every other one)."""
        return hashlib.sha256(self.text.encode()).digest()[0] >= 128


def read_bank(name: str | os.PathLike[str], domain: Domain) -> tuple[Question, ...]:
    """Read a bank of the package by name, or a file.

    Raises:
        DataError: there is none, or it is not one for this domain.
    """
    text = os.fspath(name)
    path = Path(text) if text.endswith(".toml") else FOLDER / f"{text}.toml"
    try:
        read = tomllib.loads(path.read_text("utf-8"))
        asked = [
            Question(question, frozenset(group["things"]))
            for group in read["asked"]
            for question in group["questions"]
        ]
        refused = [
            Question(question, frozenset(), group["kind"])
            for group in read["refused"]
            for question in group["questions"]
        ]
    except FileNotFoundError as error:
        raise DataError("questions", expected="a bank", actual="nothing", path=path) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        expected = "tables [[asked]] (things, questions) and [[refused]] (kind, questions)"
        actual = f"{type(error).__name__}: {error}"
        raise DataError("questions", expected=expected, actual=actual, path=path) from error
    unknown = sorted({t for q in asked for t in q.things} - set(domain.things))
    if unknown or not asked or not refused:
        expected = f"things of {domain.name}, and questions of both sorts"
        raise DataError("questions", expected=expected, actual=unknown or "too few", path=path)
    return (*asked, *refused)
