"""Classes of pictures as phrases: `[semantic] ` and the class name mean all of the class.

The second paper's way to use ADE20K, HumanParsing, PartImageNet and Pascal-Part together with
referring expressions (EVF-SAM, Sec. A.2): no plural has to be made and no number is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.data.labels import IGNORE, LabelMap
from biprompt.data.samples import SemanticSample
from biprompt.training.evf.data.captions import cleaned
from biprompt.training.evf.data.drafts import Draft, drafted
from biprompt.training.evf.data.meaning import Facts
from biprompt.training.evf.data.values import NothingSaid
from biprompt.training.evf.data.words import SEMANTIC


@dataclass(frozen=True, slots=True, eq=False)
class SemanticDrafts:
    """Pictures with a mask for each class, one picture an item.

    Attributes:
        name: how messages call them.
        samples: as the readers give them; the background is never asked for.
        phrases: what to ask with, by class index.
        most: classes of a picture in one sample; None: all that are there.
    """

    name: str
    samples: Sequence[SemanticSample]
    phrases: tuple[str, ...]
    most: int | None = 3

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.samples)

    def draft(self, index: int, rng: np.random.Generator) -> Draft:
        """Make a sample of some classes of a picture, as `Drafts.draft`."""
        sample = self.samples[index]
        key = f"{self.name}/{sample.image_id}"
        found = _some_classes(sample, self.most, rng)
        if not found:
            raise NothingSaid(
                f"{key}: classes",
                expected="one that is not the background",
                actual="none",
                path=sample.picture.path,
            )
        phrases = [self.phrases[i] for i in found]
        return drafted(key, sample.picture, phrases, list(found.values()), [None] * len(found))

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels of a picture, (H, W, 3) uint8 RGB."""
        return self.samples[index].picture.load().pixels

    @property
    def meanings(self) -> None:
        """Return None: no mosaics are made of them."""
        return None

    def facts(self, index: int) -> Facts | None:
        """Return None: what is in a picture is known only when its labels are opened."""
        return None


def semantic_phrases(
    classes: Sequence[str], renamed: Callable[[str], str] = lambda name: name
) -> tuple[str, ...]:
    """Return what to ask with for each class: `[semantic] ` and its name.

    Args:
        classes: names as the reader gives them.
        renamed: how a name is changed first (`words.viewers_side`).

    Raises:
        DataError: a name is no text, empty, or in a wrong encoding.
    """
    return tuple(
        SEMANTIC + cleaned(renamed(name), f"name of class {i}") for i, name in enumerate(classes)
    )


def _some_classes(
    sample: SemanticSample, most: int | None, rng: np.random.Generator
) -> dict[int, NDArray[np.bool_]]:
    """Masks of at most so many classes by class index, drawn without replacement; none is empty."""
    masks = _by_class(sample)
    found: dict[int, NDArray[np.bool_]] = {}
    for place in rng.permutation(len(masks)).tolist():
        if len(found) == most:
            break
        index, decode = masks[place]
        mask = decode()
        if mask.any():
            found[index] = mask
    return found


def _by_class(
    sample: SemanticSample,
) -> list[tuple[int, Callable[[], NDArray[np.bool_]]]]:
    """What decodes each class of a sample, the background and ignored pixels left out."""
    source = sample.source
    if isinstance(source, LabelMap):
        labels = source.decode()
        there = [int(i) for i in np.unique(labels) if i not in (IGNORE, sample.background)]
        return [(i, lambda i=i: labels == i) for i in there]  # type: ignore[misc]
    return [(i, mask.decode) for i, mask in source.masks if i != sample.background]
