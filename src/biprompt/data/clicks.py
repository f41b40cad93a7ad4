"""Simulated clicks: the field's deterministic simulator, people's imprecision, training clicks.

A click is (x, y, label) in pixels of the mask's image: it lies in column floor(x), row floor(y);
label 1 adds, 0 removes. Every function is a pure function of its arguments and, where there is one,
of the generator's state.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from biprompt.data.inscribed import (
    Squares,
    bounds,
    deepest_of,
    largest_squares,
    squares_in,
)
from biprompt.errors import DataError

BoolMask = npt.NDArray[np.bool_]

_IMPRECISION = 1 / 3  # standard deviation of a human click, in radii of the inscribed disk
_TRIES = 16


class Click(NamedTuple):
    """One simulated click.

    Attributes:
        x: column, in pixels of the original image.
        y: row, in pixels of the original image.
        label: 1 where the object is missing, 0 where the mask is too much.
    """

    x: float
    y: float
    label: int


def next_click(
    truth: BoolMask,
    prediction: BoolMask,
    ignore: BoolMask | None = None,
    *,
    clicked: npt.ArrayLike | None = None,
) -> Click | None:
    """Return the click of the usual NoC protocol: the deepest pixel of the larger error.

    Depth is the Euclidean distance to the nearest pixel that is no such error; outside the image is
    no error (RITM, Sofiiuk et al. 2021, section 4). Missing parts and surplus parts compete by
    their greatest depth; equal depths give the negative click, equal pixels the first in row-major
    order, both as in the reference implementation.

    Args:
        truth: (H, W) bool.
        prediction: (H, W) bool, empty before the first click.
        ignore: (H, W) bool, pixels that are neither right nor wrong and are never clicked.
        clicked: (N, 2) earlier clicks as (x, y); a pixel is not clicked twice.

    Returns:
        The click, or None where no error is left to click on.

    Raises:
        DataError: the masks differ in shape or are not bool.
    """
    _check(truth, prediction=prediction, ignore=ignore)
    wrong = truth != prediction if ignore is None else (truth != prediction) & ~ignore
    box = bounds(wrong)
    if box is None:
        return None
    top, bottom, left, right = box
    here = np.s_[top:bottom, left:right]
    # the surplus comes first, as it wins where both are equally deep
    inside = np.zeros((2, bottom - top + 1, right - left + 1), bool)
    np.logical_and(wrong[here], prediction[here], out=inside[0, :-1, :-1])
    np.logical_and(wrong[here], truth[here], out=inside[1, :-1, :-1])
    labels = [label for label in (0, 1) if inside[label].any()]
    blocked = None if clicked is None else _pixels(clicked)
    squares = squares_in(inside[labels[0] : labels[-1] + 1], (top, left), blocked)
    if squares is None:
        return None
    found = deepest_of(squares)
    return Click(float(found.column), float(found.row), labels[found.mask])


def jittered_click(
    truth: BoolMask,
    prediction: BoolMask,
    rng: np.random.Generator,
    ignore: BoolMask | None = None,
    *,
    clicked: npt.ArrayLike | None = None,
) -> Click | None:
    """Return `next_click` as imprecise as a person: scattered round the deepest pixel.

    The offset is Gaussian with a third of the depth as its standard deviation on each axis; a
    scattered click that would leave the error, meet an ignored or an already clicked pixel is drawn
    again, and after sixteen misses the exact click is taken. Arguments and errors as `next_click`.
    """
    centre = next_click(truth, prediction, ignore, clicked=clicked)
    if centre is None:
        return None
    error = _errors(truth, prediction, ignore)[0 if centre.label else 1]
    if clicked is not None:
        taken = _pixels(clicked)
        error[taken[:, 0], taken[:, 1]] = False
    squares = largest_squares(error)
    scale = _IMPRECISION * ((squares.half if squares else 0) + 1)
    for dx, dy in rng.normal(0.0, scale, (_TRIES, 2)):
        x, y = round(centre.x + dx), round(centre.y + dy)
        if 0 <= y < error.shape[0] and 0 <= x < error.shape[1] and error[y, x]:
            return Click(float(x), float(y), centre.label)
    return centre


def random_click(mask: BoolMask, rng: np.random.Generator) -> Click:
    """Return a positive click, uniform in the eroded interior of a mask.

    The interior keeps the pixels at least half as deep as the deepest, depth being the side of the
    square that fits round a pixel: cheap enough for a training loop.

    Args:
        mask: (H, W) bool with at least one pixel.
        rng: source of the choice.

    Raises:
        DataError: the mask is empty.
    """
    squares = largest_squares(mask)
    if squares is None:
        raise DataError("mask to click in", expected="at least one pixel", actual="an empty mask")
    return _interior_click(squares, rng, 1)


def uniform_click(mask: BoolMask, rng: np.random.Generator) -> Click:
    """Return a positive click, uniform among all pixels of a mask.

    Args:
        mask: (H, W) bool with at least one pixel.
        rng: source of the choice.

    Raises:
        DataError: the mask is empty.
    """
    rows, columns = np.nonzero(mask)
    if rows.size == 0:
        raise DataError("mask to click in", expected="at least one pixel", actual="an empty mask")
    index = int(rng.integers(rows.size))
    return Click(float(columns[index]), float(rows[index]), 1)


def edge_click(mask: BoolMask, rng: np.random.Generator) -> Click:
    """Return a positive click just inside the boundary: as far off the middle as a click can be.

    It is uniform among the pixels beside (above, below, left or right of) one that is not of the
    mask. The border of the image is no boundary, as the thing may go on behind it; a mask that
    fills the image gives any pixel. Arguments and errors as `uniform_click`.
    """
    framed = np.pad(mask, 1, constant_values=True)
    beside = (framed[:-2, 1:-1], framed[2:, 1:-1], framed[1:-1, :-2], framed[1:-1, 2:])
    edge = mask & ~np.logical_and.reduce(beside)
    return uniform_click(edge if edge.any() else mask, rng)


def training_click(
    truth: BoolMask,
    prediction: BoolMask,
    rng: np.random.Generator,
    ignore: BoolMask | None = None,
) -> Click | None:
    """Return a corrective click for training: uniform in the interior of the deeper error.

    As `next_click`, with the place drawn as in `random_click` and depth measured by squares.
    """
    missing, surplus = (largest_squares(e) for e in _errors(truth, prediction, ignore))
    if missing is not None and (surplus is None or missing.half > surplus.half):
        return _interior_click(missing, rng, 1)
    return None if surplus is None else _interior_click(surplus, rng, 0)


def _interior_click(squares: Squares, rng: np.random.Generator, label: int) -> Click:
    rows, columns = np.nonzero(squares.centres((squares.half + 1) // 2))
    index = int(rng.integers(len(rows)))
    top, left = squares.offset
    return Click(float(columns[index] + left), float(rows[index] + top), label)


def _errors(
    truth: BoolMask, prediction: BoolMask, ignore: BoolMask | None
) -> tuple[BoolMask, BoolMask]:
    _check(truth, prediction=prediction, ignore=ignore)
    missing, surplus = truth & ~prediction, prediction & ~truth
    if ignore is not None:
        missing, surplus = missing & ~ignore, surplus & ~ignore
    return missing, surplus


def _check(truth: BoolMask, **others: BoolMask | None) -> None:
    for name, mask in {"truth": truth, **others}.items():
        if mask is not None and (mask.shape != truth.shape or mask.dtype != np.bool_):
            raise DataError(
                name,
                expected=f"bool of shape {truth.shape}",
                actual=f"{mask.dtype} of shape {mask.shape}",
            )


def _pixels(clicked: npt.ArrayLike) -> npt.NDArray[np.int64]:
    xy = np.asarray(clicked, np.float64).reshape(-1, 2)
    return np.floor(xy[:, ::-1]).astype(np.int64)
