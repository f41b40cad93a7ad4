"""Which checkpoints answer together. Imports nothing heavy."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from biprompt.errors import WeightsError
from biprompt.zoo.checkpoints import CHECKPOINTS, PAIRS, CheckpointSpec
from biprompt.zoo.folders import find_checkpoint
from biprompt.zoo.hub.table import HUB
from biprompt.zoo.registry import MODELS

Name = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Part:
    """One checkpoint, found.

    Attributes:
        path: its file or folder.
        expected: what it must be, as it was asked for by name; None for a path, which may hold
            anything, whatever it is called.
    """

    path: Path
    expected: CheckpointSpec | None

    @classmethod
    def of(cls, name: Name) -> Part:
        """Find it.

        Raises:
            WeightsError: there is no such checkpoint, or its files are not there.
        """
        return cls(find_checkpoint(name).path, CHECKPOINTS.get(os.fspath(name)))


@dataclass(frozen=True, slots=True)
class Parts:
    """The checkpoints of one model, found.

    Attributes:
        name: what the model is called: the name asked for, with that of a text expert of its own.
        first: what is pointed with; or reads words, where there is nothing else.
        text: reads words; None where `first` is all there is.
    """

    name: str
    first: Part
    text: Part | None


def both_of(name: Name, text_model: Name | None = None) -> tuple[Name, Name | None]:
    """What is pointed with, and what reads words: two names or paths; None where one is all.

    Args:
        name: a pair, a model, or a path.
        text_model: a model or path that reads words.
    """
    pair = PAIRS.get(os.fspath(name))
    return (name, text_model) if pair is None else (pair.points, text_model or pair.text)


def full_name(name: Name, text_model: Name | None = None) -> str:
    """What a model is called: the name asked for, with that of a text expert of its own."""
    called, pair = os.fspath(name), PAIRS.get(os.fspath(name))
    is_usual = text_model is None or (pair is not None and text_model == pair.text)
    return called if is_usual else f"{called}+{os.path.basename(os.fspath(text_model or ''))}"


def parts_of(name: Name, text_model: Name | None = None) -> Parts:
    """Find the checkpoints of a model.

    Args:
        name: a pair, a checkpoint, or a path of weights.
        text_model: a checkpoint or path that reads words.

    Raises:
        WeightsError: there is no such model, or its files are not there.
    """
    points, words = both_of(name, text_model)
    called = os.fspath(points)
    if called not in CHECKPOINTS and not os.path.exists(called):
        near = get_close_matches(called, (*PAIRS, *CHECKPOINTS, *HUB), n=4)
        known = ", ".join((*MODELS, *(near or PAIRS)))
        expected = f"a name of `biprompt models` ({known}, ...), or an existing file or folder"
        raise WeightsError("model", expected=expected, actual=called)
    text = None if words is None else Part.of(words)
    return Parts(full_name(name, text_model), Part.of(points), text)
