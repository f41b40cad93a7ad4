"""From one or two names to a runtime, whatever runs them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from biprompt.errors import InputError, MissingExtraError, WeightsError
from biprompt.experts.words import PhraseReader
from biprompt.runtime.base import Reader, Runtime
from biprompt.zoo.guided import is_guided
from biprompt.zoo.hub import find_hub, is_hub
from biprompt.zoo.pairs import Parts, both_of, full_name, parts_of
from biprompt.zoo.registry import find_model, is_small
from biprompt.zoo.words import WordTable

if TYPE_CHECKING:
    from biprompt.runtime.torch import Place

Name = str | os.PathLike[str]
Opened = tuple[Runtime, Reader]


@dataclass(frozen=True, slots=True)
class How:
    """Where and how a model is to run; see `biprompt.load`."""

    device: str | None = None
    dtype: str | None = None
    batch: int | None = None
    threads: int = 0

    def place(self, name: Name) -> Place:
        """Device and precision on torch.

        Args:
            name: of what needs torch; for the error.

        Raises:
            MissingExtraError: torch is not installed.
            InputError: there is no such device or precision.
        """
        try:
            import torch
        except ImportError as error:
            raise MissingExtraError("torch", f"the model {name}") from error
        if self.threads:
            torch.set_num_threads(self.threads)
        from biprompt.runtime.torch import Place

        return Place.of(self.device, self.dtype, self.batch)

    def refuse(self, name: Name) -> None:
        """Refuse a place for what runs on the CPU alone.

        Raises:
            InputError: one was asked for.
        """
        for option in ("device", "dtype", "batch"):
            if (value := getattr(self, option)) is not None:
                expected = f"nothing, as {name} runs on the CPU"
                raise InputError(option, expected=expected, actual=value)


def open_model(name: Name, text_model: Name | None, how: How) -> Opened:
    """Open a model, or any two as one: what is pointed with, and what reads words.

    Args:
        name: a model, a pair, or a path.
        text_model: a model or path that reads words; None where `name` is all, or a pair.
        how: where it runs.

    Raises:
        WeightsError, InputError, MissingExtraError, ModelError: as `biprompt.load`.
    """
    points, words = both_of(name, text_model)
    if words is None:
        return _alone(points, how)
    if is_guided(points) or any(is_small(one) or is_hub(one) for one in (points, words)):
        return _beside(full_name(name, text_model), points, words, how)
    return _native(parts_of(name, text_model), how)


def _alone(name: Name, how: How) -> Opened:
    if is_small(name):
        how.refuse(name)
        return _small(name, how)
    if is_guided(name):
        return _guided(name, how)
    if not is_hub(name):
        return _native(parts_of(name), how)
    folder = find_hub(name)  # a wrong name is the first thing to be told
    place = how.place(name)
    from biprompt.segmenter.hub import load_hub

    return load_hub(folder, place)


def _small(name: Name, how: How) -> Opened:
    from biprompt.runtime.onnx import OnnxRuntime

    runtime = OnnxRuntime(find_model(name).folder, how.threads)
    return runtime, PhraseReader(WordTable.load(), runtime.manifest.known_words)


def _guided(name: Name, how: How) -> Opened:
    place = how.place(name)
    from biprompt.segmenter.guided import load_guided
    from biprompt.segmenter.large import NoReader

    return load_guided(name, place), NoReader()


def _native(parts: Parts, how: How) -> Opened:
    place = how.place(parts.name)
    from biprompt.segmenter.large import load_parts

    return load_parts(parts, place)


def _beside(name: str, points: Name, words: Name, how: How) -> Opened:
    """Two models that nothing joins but the gate."""
    _check_there(points, words)
    pointed = _pointed(points, how)
    if is_hub(words):
        from biprompt.segmenter.hub import load_hub_words

        return load_hub_words(find_hub(words), how.place(words), pointed, name)
    from biprompt.runtime.pair import PairRuntime

    named, reader = _small(words, how) if is_small(words) else _native(parts_of(words), how)
    if not named.facts.words:
        expected = "one that reads words, such as evf-sam"
        raise WeightsError("text model", expected=expected, actual="one that does not", path=words)
    return PairRuntime(name, pointed, named), reader


def _check_there(*names: Name) -> None:
    """Fail before anything large is read."""
    for one in names:
        if is_hub(one):
            find_hub(one)
        elif not is_small(one) and not is_guided(one):
            parts_of(one)


def _pointed(name: Name, how: How) -> Runtime:
    if is_hub(name):
        from biprompt.segmenter.hub import load_hub_points

        return load_hub_points(find_hub(name), how.place(name))
    if is_guided(name):
        return _guided(name, how)[0]
    runtime, _ = _small(name, how) if is_small(name) else _native(parts_of(name), how)
    if not runtime.facts.points:
        expected = "a model to point with, such as sam-vit-h"
        raise WeightsError(
            "model", expected=expected, actual="one that only reads words", path=name
        )
    return runtime
