"""From a folder of transformers to a runtime: the table of adapters is asked."""

from __future__ import annotations

from biprompt.errors import WeightsError
from biprompt.runtime.base import Reader, Runtime
from biprompt.runtime.pair import PairRuntime
from biprompt.runtime.torch import Place
from biprompt.segmenter.hub.points import POINTS
from biprompt.segmenter.hub.words import EXAMPLES, WORDS
from biprompt.segmenter.large import NoReader
from biprompt.zoo.hub import HubFolder, Role
from biprompt.zoo.hub.opening import release_of


def load_hub(folder: HubFolder, place: Place) -> tuple[Runtime, Reader]:
    """Load a model for everything that it answers.

    Args:
        folder: where it lies.
        place: device and precision.

    Raises:
        WeightsError: its files are damaged, incomplete, or those of its tokenizer are missing.
        MissingExtraError: transformers is not installed.
        ModelError: the memory is not enough, or this release of transformers is another.
    """
    with release_of(folder.family):
        if folder.role is Role.EXAMPLES:
            return EXAMPLES[folder.family](folder, place), NoReader()
        if folder.role is Role.WORDS:
            return WORDS[folder.family](folder, place, None)
        points = POINTS[folder.family](folder, place)
        if folder.role is Role.POINTS:
            return points, NoReader()
        words, reader = WORDS[folder.family](folder, place, points)
        return PairRuntime(folder.name, points, words), reader


def load_hub_points(folder: HubFolder, place: Place) -> Runtime:
    """Load the half of a model that is pointed with.

    Raises:
        WeightsError: it has none; and as `load_hub`.
        MissingExtraError, ModelError: as `load_hub`.
    """
    if folder.role not in (Role.POINTS, Role.BOTH):
        expected = "a model to point with, such as sam2.1-large"
        raise WeightsError("model", expected=expected, actual=folder.family, path=folder.path)
    with release_of(folder.family):
        return POINTS[folder.family](folder, place)


def load_hub_words(
    folder: HubFolder, place: Place, points: Runtime, name: str
) -> tuple[Runtime, Reader]:
    """Load a model that reads words, and put it beside one that is pointed with.

    Args:
        folder: where it lies.
        place: device and precision.
        points: what is pointed with.
        name: of both together.

    Returns:
        both as one runtime, and what reads phrases for it.

    Raises:
        WeightsError: it reads no words; and as `load_hub`.
        MissingExtraError, ModelError: as `load_hub`.
    """
    if not folder.role.reads_words:
        expected = "one that reads words, such as evf-sam"
        raise WeightsError("text model", expected=expected, actual=folder.family, path=folder.path)
    with release_of(folder.family):
        words, reader = WORDS[folder.family](folder, place, points)
    if folder.family.detects:  # it has joined what is pointed with by itself
        return words, reader
    return PairRuntime(name, points, words), reader
