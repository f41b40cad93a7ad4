from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from biprompt.geometry import ModelFrame
from biprompt.runtime.base import Decoded, ImageEmbedding, Phrase, RuntimeFacts
from biprompt.segmenter.classes.names import NamedClass
from biprompt.segmenter.classes.parting import parted

HW = (8, 12)
CLASSES = [NamedClass("sky"), NamedClass("cup")]


class Reader:
    def read(self, text: str) -> Phrase:
        return Phrase(text, np.zeros(1, np.int64))


class Telling:
    """Tells apart what it was given: masks on the cells of the image itself."""

    def __init__(self, *masks: np.ndarray, instances: bool = True) -> None:
        self.facts = RuntimeFacts("telling", "1", instances=instances)
        self._masks, self.asked = masks, []

    def instances(self, image: ImageEmbedding, phrase: Phrase) -> Decoded:
        self.asked.append(phrase.text)
        rows = [np.where(mask, 4.0, -4.0)[None].astype(np.float32) for mask in self._masks]
        logits = np.stack(rows) if rows else np.zeros((0, 1, *HW), np.float32)
        return Decoded(logits, np.ones((len(rows), 1), np.float32))


class Asked:
    """What `parted` needs of a segmenter."""

    def __init__(self, runtime: Telling) -> None:
        self.runtime, self.reader = runtime, Reader()


def patch(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    mask = np.zeros(HW, bool)
    mask[y0:y1, x0:x1] = True
    return mask


def ask(runtime: Any, labels: np.ndarray) -> np.ndarray:
    scene = ImageEmbedding({}, ModelFrame(HW, HW), "k", "m", "1", np.zeros((*HW, 3), np.uint8))
    return parted(Asked(runtime), scene, labels, CLASSES, [2])  # type: ignore[arg-type]


@pytest.fixture
def labels() -> np.ndarray:
    """Sky above; one connected block of cups, and a part far from it."""
    labels = np.ones(HW, np.int32)
    labels[4:7, 1:9] = 2
    labels[4:7, 11:12] = 2
    return labels


def test_things_that_touch_are_told_apart(labels: np.ndarray) -> None:
    runtime = Telling(patch(5, 0, 9, 8), patch(0, 0, 6, 8))
    found = ask(runtime, labels)
    assert runtime.asked == ["cup"]
    assert found[5].tolist() == [0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 3]  # column 5: the surer has it
    assert not found[:4].any() and not found[7].any()


def test_what_no_thing_covers_goes_to_the_nearest(labels: np.ndarray) -> None:
    found = ask(Telling(patch(1, 4, 3, 7), patch(7, 4, 9, 7)), labels)
    assert found[5, 1:9].tolist() == [1, 1, 1, 1, 2, 2, 2, 2]


def test_connected_parts_where_nothing_is_told(labels: np.ndarray) -> None:
    for runtime in (Telling(), Telling(patch(0, 0, 12, 2)), Telling(instances=False)):
        found = ask(runtime, labels)
        assert found[5].tolist() == [0, *[1] * 8, 0, 0, 2]
    assert runtime.asked == []


def test_a_class_without_pixels_is_not_asked() -> None:
    runtime = Telling(patch(0, 0, 5, 5))
    assert not ask(runtime, np.ones(HW, np.int32)).any() and runtime.asked == []
