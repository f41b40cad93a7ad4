"""Sources and drafts without files, for tests of what is done with them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.data.readers.conftest import Disk

from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import ImageError
from biprompt.training.evf.data.drafts import Draft
from biprompt.training.evf.data.meaning import Facts, Meanings
from biprompt.training.evf.data.values import NothingSaid, Spoken

HW = (4, 6)


@dataclass(frozen=True)
class Numbers:
    """A source whose item is its grey value; some items are silent, some are broken."""

    name: str
    count: int
    silent: frozenset[int] = frozenset()
    broken: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return self.count

    def sample(self, index: int, rng: np.random.Generator) -> Spoken:
        if index in self.silent:
            raise NothingSaid(f"{self.name}/{index}", expected="a word", actual="none")
        if index in self.broken:
            raise ImageError("image", expected="an image", actual="none", path=f"{index}.jpg")
        pixels = np.full((*HW, 3), index % 256, np.uint8)
        noise = int(rng.integers(1 << 30))
        return Spoken(f"{self.name}/{index}", pixels, (f"word {noise}",), np.ones((1, *HW), bool))


@dataclass(frozen=True, eq=False)
class Made:
    """Drafts in memory: of each picture its labels, and one phrase for each."""

    labels: tuple[tuple[str, ...], ...]
    searched: frozenset[str]
    phrases: tuple[str, ...] = ()
    hw: tuple[int, int] = HW
    name: str = "made"
    meanings: Meanings = field(default_factory=lambda: Meanings(load_vocabulary()))

    def __len__(self) -> int:
        return len(self.labels)

    def picture(self, index: int) -> np.ndarray:
        height, width = self.hw
        pixels = np.full((height, width, 3), 10 * index, np.uint8)
        pixels[:, :, 1] = np.arange(width)  # so that a mirror shows
        return pixels

    def facts(self, index: int) -> Facts:
        return Facts(frozenset(self.labels[index]), self.searched)

    def draft(self, index: int, rng: np.random.Generator) -> Draft:
        labels = self.labels[index]
        masks = np.zeros((len(labels), *self.hw), bool)
        for row in range(len(labels)):
            masks[row, 1 : self.hw[0] - 1, 1 + row] = True
        phrases = self.phrases or tuple(f"the {label}" for label in labels)
        about = tuple(frozenset([label]) for label in labels)
        return Draft(f"{self.name}/{index}", self.picture(index), phrases, masks, about)


@pytest.fixture
def disk(tmp_path: object) -> Disk:
    return Disk(tmp_path)  # type: ignore[arg-type]
