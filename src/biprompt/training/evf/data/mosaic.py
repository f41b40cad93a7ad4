"""Four pictures in one, so that a phrase has to choose: negative-mined mosaics.

The other three are pictures of which it is known that they hold nothing the phrase might mean,
if possible with things of the same kind: other animals around a dog. Phrases that say where in the
picture something is, or compare sizes, are left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.training.evf.data.drafts import Draft, Drafts
from biprompt.training.evf.data.meaning import Meanings
from biprompt.training.evf.data.words import names_position

CANDIDATES = 24
"""Pictures looked at, by what is known of them, for the three others."""
LONGEST = 1280
"""Longest side of a mosaic, pixels; more is not seen by a model that takes 1024."""


def mosaic(
    drafts: Drafts, index: int, draft: Draft, meanings: Meanings, rng: np.random.Generator
) -> Draft | None:
    """Return a 2 x 2 mosaic with a draft in one corner, or None where none is certain.

    Args:
        drafts: where the other pictures come from.
        index: the item that the draft was made of.
        draft: the first; those of its phrases stay that hold in the mosaic.
        meanings: of the labels.
        rng: source of chance.

    Raises:
        ImageError: one of the other pictures is missing or damaged.
    """
    rows = [
        i for i, text in enumerate(draft.phrases) if draft.about[i] and not names_position(text)
    ]
    if not rows:
        return None
    others = _others(drafts, index, draft, rows, meanings, rng)
    if others is None:
        return None
    rows, chosen = others
    return _put_together(
        draft.only(rows), [drafts.picture(i) for i in chosen], int(rng.integers(4))
    )


def _others(
    drafts: Drafts,
    index: int,
    draft: Draft,
    rows: list[int],
    meanings: Meanings,
    rng: np.random.Generator,
) -> tuple[list[int], list[int]] | None:
    """The rows that hold, and three pictures without what they mean; the most alike ones."""
    first = draft.about[int(rng.choice(rows))] or frozenset()
    like = meanings.siblings(first)
    ranked: list[tuple[int, int]] = []
    for place, i in enumerate(rng.permutation(len(drafts))[:CANDIDATES].tolist()):
        facts = drafts.facts(i)
        if i != index and facts is not None and meanings.is_absent(first, facts):
            ranked.append((-len(facts.present & like) * CANDIDATES + place, i))
    chosen = [i for _, i in sorted(ranked)[:3]]
    if len(chosen) < 3:
        return None
    known = [facts for i in chosen if (facts := drafts.facts(i)) is not None]
    hold = [
        row
        for row in rows
        if all(meanings.is_absent(draft.about[row] or frozenset(), f) for f in known)
    ]
    return hold, chosen


def _put_together(draft: Draft, others: list[NDArray[np.uint8]], corner: int) -> Draft:
    draft = _smaller(draft)
    count, height, width = draft.masks.shape
    pixels = np.empty((2 * height, 2 * width, 3), np.uint8)
    masks = np.zeros((count, 2 * height, 2 * width), np.bool_)
    rest = iter(others)
    for place in range(4):
        top, left = place // 2 * height, place % 2 * width
        rows, columns = slice(top, top + height), slice(left, left + width)
        if place == corner:
            pixels[rows, columns], masks[:, rows, columns] = draft.pixels, draft.masks
        else:
            pixels[rows, columns] = _filling(next(rest), height, width)
    return draft.changed("mosaic", pixels, masks)


def _smaller(draft: Draft) -> Draft:
    """The draft at most half as long as a mosaic may be; masks by nearest pixel."""
    height, width = draft.pixels.shape[:2]
    scale = LONGEST / 2 / max(height, width)
    if scale >= 1:
        return draft
    hw = max(1, round(height * scale)), max(1, round(width * scale))
    rows, columns = (
        ((np.arange(n) + 0.5) * old / n).astype(np.intp)
        for n, old in zip(hw, (height, width), strict=True)
    )
    seen = Image.fromarray(draft.pixels).resize((hw[1], hw[0]), Image.Resampling.BILINEAR)
    return draft.changed("small", np.asarray(seen), draft.masks[:, rows][:, :, columns])


def _filling(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The middle of a picture, as large as fits, at a size."""
    h, w = pixels.shape[:2]
    scale = min(h / height, w / width)
    top, left = max(0.0, (h - height * scale) / 2), max(0.0, (w - width * scale) / 2)
    box = (left, top, w - left, h - top)
    seen = Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR, box=box)
    return np.asarray(seen)
