"""A folder in COCO layout whose labels are the phrases, each with all masks of that label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biprompt.data.coco import CocoDataset, CocoImage
from biprompt.data.splits import is_validation
from biprompt.io.images import load_image
from biprompt.training.evf.data.values import Spoken


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFolder:
    """One part of a folder: what is held out (`data/splits.py`), or the rest.

    Attributes:
        name: of the folder.
        images: those of the part that have a mask.
        phrases: at most so many of one picture.
    """

    name: str
    images: tuple[CocoImage, ...]
    phrases: int = 3

    @classmethod
    def part(cls, dataset: CocoDataset, *, held_out: bool) -> LabelledFolder:
        """The part of a folder."""
        chosen = (one for one in dataset.images if one.annotations)
        part = tuple(one for one in chosen if is_validation(one.path.name) == held_out)
        return cls(dataset.name, part)

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self.images)

    def sample(self, index: int, rng: np.random.Generator) -> Spoken:
        """A picture with some of its labels."""
        image = self.images[index]
        labels = list(dict.fromkeys(one.label for one in image.annotations))
        chosen = rng.permutation(len(labels))[: self.phrases]
        masks = [
            np.logical_or.reduce([a.mask() for a in image.annotations if a.label == labels[i]])
            for i in chosen
        ]
        key = f"{self.name}/{image.path.name}"
        pixels = load_image(image.path).pixels
        return Spoken(key, pixels, tuple(labels[i] for i in chosen), np.stack(masks))
