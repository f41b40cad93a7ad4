"""Questions by example: of things that are there, and of things that are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biprompt.data.readers.registry import read_dataset
from biprompt.data.samples import EpisodeSample, Shot

LEAST = 0.003
"""Part of its image that a thing covers at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Examples, and an image to find the thing in.

    Attributes:
        folder: that the examples come from.
        supports: the examples.
        query: the image.
        truth: ``(H, W)`` bool where the thing is; None where it is not there.
        is_strange: whether the image comes from another folder.
    """

    folder: str
    supports: tuple[Shot, ...]
    query: Shot
    truth: NDArray[np.bool_] | None
    is_strange: bool = False


def questions(data: Path, folders: Sequence[str], shots: int, count: int) -> Iterator[Question]:
    """Draw `count` questions a folder, and as many of things that are not there.

    Of the latter every other one shows an image of another folder. Classes take turns.
    """
    random = np.random.default_rng(shots)
    episodes = {
        name: read_dataset("coco-folder-episodes", data / name, "validation", shots=shots)
        for name in folders
    }
    known = {name: _labels(list(found)) for name, found in episodes.items()}
    for name, found in episodes.items():
        for place, episode in enumerate(_in_turn(list(found), count, random)):
            truth = episode.query.mask()
            yield Question(name, episode.supports, episode.query, truth)
            others = [other for other in folders if other != name]
            of = others[int(random.integers(len(others)))] if place % 2 else name
            without = [s for s, labels in known[of].values() if episode.label not in labels]
            if without:
                chosen = without[int(random.integers(len(without)))]
                yield Question(name, episode.supports, chosen, None, of != name)


def _labels(found: Sequence[EpisodeSample]) -> dict[str, tuple[Shot, set[str]]]:
    """Every image, and what it shows."""
    known: dict[str, tuple[Shot, set[str]]] = {}
    for episode in found:
        known.setdefault(episode.query.image_id, (episode.query, set()))[1].add(episode.label)
    return known


def _in_turn(
    found: Sequence[EpisodeSample], count: int, random: np.random.Generator
) -> list[EpisodeSample]:
    """Episodes of one class after the other, none too small to see."""
    by_class = defaultdict(list)
    for place in random.permutation(len(found)):
        by_class[found[place].label].append(found[place])
    turns = [list(one) for one in by_class.values()]
    chosen: list[EpisodeSample] = []
    while len(chosen) < count and any(turns):
        for one in turns:
            while one and not _is_seen(one[-1]):
                one.pop()
            if one and len(chosen) < count:
                chosen.append(one.pop())
    return chosen


def _is_seen(episode: EpisodeSample) -> bool:
    shown = (episode.query, *episode.supports)
    return all(float(shot.mask().mean()) >= LEAST for shot in shown)
