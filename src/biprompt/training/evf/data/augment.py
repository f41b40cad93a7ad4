"""Changes of a picture after which its phrases are still true.

Each change is made only where every phrase of the sample survives it: see `words` for what a
phrase may name. All chance comes from the generator that is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.data.mixing import jitter_colour
from biprompt.errors import DataError
from biprompt.training.evf.data.drafts import Draft, Drafts
from biprompt.training.evf.data.mosaic import mosaic
from biprompt.training.evf.data.values import Spoken
from biprompt.training.evf.data.words import mirrored, names_colour, names_place

FLIP = "flip"
"""The variant of a mirrored picture."""
LEAST_SHOWN = 0.4
"""Share of each side of the picture that a crop keeps at least."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How often each change is tried, 0 to 1; the papers' recipe has none of them.

    Attributes:
        flip: mirror the picture; left and right change places in the phrases.
        crop: cut away part of what is around everything that the phrases mean.
        light: other brightness, contrast and colours, unless a phrase names a colour.
        mosaic: put three other pictures beside it that hold nothing of what a phrase means.
    """

    flip: float = 0.0
    crop: float = 0.0
    light: float = 0.0
    mosaic: float = 0.0

    def __post_init__(self) -> None:
        """Check the rates.

        Raises:
            DataError: one of them is not between 0 and 1.
        """
        for field in fields(self):
            rate = getattr(self, field.name)
            if not 0 <= rate <= 1:
                what = f"augmentation {field.name}"
                raise DataError(what, expected="a rate from 0 to 1", actual=rate)

    def variants(self) -> tuple[str, ...] | None:
        """Return every variant that can come; None where there is no end of them.

        Embeddings can be computed beforehand for the pictures of these variants.
        """
        if self.crop or self.light or self.mosaic:
            return None
        return ("", FLIP) if self.flip else ("",)


class Augmented:
    """A source: drafts, changed by chance.

    Attributes:
        drafts: what is changed.
        augmentation: how often, and in which ways.
    """

    def __init__(self, drafts: Drafts, augmentation: Augmentation) -> None:
        """Change some drafts."""
        self.drafts, self.augmentation = drafts, augmentation

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.drafts.name

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.drafts)

    def sample(self, index: int, rng: np.random.Generator) -> Spoken:
        """Make a sample of an item, as `Source.sample`."""
        draft, rates = self.drafts.draft(index, rng), self.augmentation
        meanings = self.drafts.meanings
        # Every rate is drawn each time, so that one rate does not change what another one draws.
        tries = dict(zip(("mosaic", "crop", "flip", "light"), rng.random(4), strict=True))
        made = None
        if tries["mosaic"] < rates.mosaic and meanings is not None:
            made = mosaic(self.drafts, index, draft, meanings, rng)
        if made is not None:
            draft = made
        elif tries["crop"] < rates.crop:  # of a mosaic, it would cut away what was put there
            draft = cropped(draft, rng)
        if tries["flip"] < rates.flip:
            draft = flipped(draft)
        if tries["light"] < rates.light:
            draft = relit(draft, rng)
        return draft.spoken()


def flipped(draft: Draft) -> Draft:
    """Return the mirrored draft, or the draft itself where a phrase has no certain mirror image."""
    phrases = [mirrored(phrase) for phrase in draft.phrases]
    certain = tuple(phrase for phrase in phrases if phrase is not None)
    if len(certain) < len(phrases):
        return draft
    pixels = np.ascontiguousarray(draft.pixels[:, ::-1])
    masks = np.ascontiguousarray(draft.masks[:, :, ::-1])
    return replace(draft.changed(FLIP, pixels, masks), phrases=certain)


def relit(draft: Draft, rng: np.random.Generator) -> Draft:
    """Return the draft in another light, or the draft itself where a phrase names a colour."""
    if any(map(names_colour, draft.phrases)):
        return draft
    return draft.changed("light", jitter_colour(draft.pixels, rng), draft.masks)


def cropped(draft: Draft, rng: np.random.Generator) -> Draft:
    """Return a window of the draft that holds all its masks whole.

    The draft itself comes back where a phrase names a place, where nothing is marked, or where the
    masks leave nothing to cut away.
    """
    marked = np.asarray(draft.masks.any(axis=0), np.bool_)
    if not marked.any() or any(map(names_place, draft.phrases)):
        return draft
    rows = _window(np.flatnonzero(marked.any(axis=1)), marked.shape[0], rng)
    columns = _window(np.flatnonzero(marked.any(axis=0)), marked.shape[1], rng)
    if (
        rows.stop - rows.start == marked.shape[0]
        and columns.stop - columns.start == marked.shape[1]
    ):
        return draft
    how = f"crop {columns.start},{rows.start},{columns.stop},{rows.stop}"
    pixels = np.ascontiguousarray(draft.pixels[rows, columns])
    return draft.changed(how, pixels, np.ascontiguousarray(draft.masks[:, rows, columns]))


def _window(found: NDArray[np.intp], length: int, rng: np.random.Generator) -> slice:
    """A part of an axis that holds all places found, not too short."""
    low, high = int(found[0]), int(found[-1]) + 1
    start, stop = int(rng.integers(low + 1)), int(rng.integers(high, length + 1))
    least = math.ceil(LEAST_SHOWN * length)
    start = max(0, min(start, stop - least))
    return slice(start, max(stop, start + least))
