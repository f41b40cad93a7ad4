"""Samples before they are changed, with what is known of them: what every source makes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.data.pictures import Picture
from biprompt.errors import DataError
from biprompt.training.evf.data.meaning import Facts, Labels, Meanings
from biprompt.training.evf.data.values import Spoken


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A picture, its phrases, and what each phrase is about.

    Attributes:
        key: as in `Spoken`.
        pixels: (H, W, 3) uint8 RGB.
        phrases: as in `Spoken`.
        masks: (P, H, W) bool.
        about: for each phrase every label that it might mean; None where that is not known.
        variant: as in `Spoken`.
    """

    key: str
    pixels: NDArray[np.uint8]
    phrases: tuple[str, ...]
    masks: NDArray[np.bool_]
    about: tuple[Labels | None, ...]
    variant: str = ""

    def only(self, rows: Sequence[int]) -> Draft:
        """Return the draft with some of its phrases."""
        return replace(
            self,
            phrases=tuple(self.phrases[i] for i in rows),
            masks=self.masks[list(rows)],
            about=tuple(self.about[i] for i in rows),
        )

    def changed(self, how: str, pixels: NDArray[np.uint8], masks: NDArray[np.bool_]) -> Draft:
        """Return the draft of a changed picture; `how` is added to the variant."""
        variant = f"{self.variant}+{how}" if self.variant else how
        return replace(self, pixels=pixels, masks=masks, variant=variant)

    def spoken(self) -> Spoken:
        """Return the sample as the model is trained on it."""
        key = f"{self.key} ({self.variant})" if self.variant else self.key
        return Spoken(key, self.pixels, self.phrases, self.masks, self.variant)


class Drafts(Protocol):
    """Some pictures, one an item. Picklable, for worker processes."""

    @property
    def name(self) -> str:
        """How messages and keys call them."""
        ...

    @property
    def meanings(self) -> Meanings | None:
        """What phrases about their labels mean; None where mosaics cannot be made of them."""
        ...

    def __len__(self) -> int:
        """Return the number of items."""
        ...

    def draft(self, index: int, rng: np.random.Generator) -> Draft:
        """Make an item; nothing but the arguments decides what comes.

        Raises:
            DataError: the item cannot be used, or has nothing to say (`NothingSaid`).
            ImageError: a picture or a mask file is missing or damaged.
        """
        ...

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels of an item, (H, W, 3) uint8 RGB.

        Raises:
            ImageError: the file is missing or damaged.
        """
        ...

    def facts(self, index: int) -> Facts | None:
        """Return what is known of an item without opening it; None: nothing."""
        ...


def drafted(
    key: str,
    picture: Picture,
    phrases: Sequence[str],
    masks: Sequence[NDArray[np.bool_]],
    about: Sequence[Labels | None],
    pixels: NDArray[np.uint8] | None = None,
) -> Draft:
    """Put a picture, which is opened where its pixels are not given, beside phrases and masks.

    Raises:
        DataError: a mask is of another size than the picture.
        ImageError: the picture is missing or damaged.
    """
    pixels = picture.load().pixels if pixels is None else pixels
    for mask in masks:
        check_size(key, picture, pixels, mask.shape)
    return Draft(key, pixels, tuple(phrases), np.stack(list(masks)), tuple(about))


def check_size(key: str, picture: Picture, pixels: NDArray[np.uint8], hw: tuple[int, ...]) -> None:
    """Check that a picture has the (height, width) of its masks.

    Raises:
        DataError: it has another.
    """
    if hw != pixels.shape[:2]:
        raise DataError(
            f"{key}: picture",
            expected=f"{hw[1]} x {hw[0]} pixels, as its mask",
            actual=f"{pixels.shape[1]} x {pixels.shape[0]}",
            path=picture.path,
        )
