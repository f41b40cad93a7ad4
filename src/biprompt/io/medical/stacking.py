"""Order DICOM slices along their normal, and where their grid lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ImageError

TURN_TOLERANCE = 1e-3
"""How much the direction cosines of two slices of a series may differ."""

GAP_TOLERANCE = 0.05
"""How far a slice may lie from where it should, as a share of the distance between slices."""

_UPRIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def stack(datasets: Sequence[Any]) -> tuple[list[int], NDArray[np.float64]]:
    """Order slices and find their affine.

    Args:
        datasets: headers of the slices of one series, in any order.

    Returns:
        Places in `datasets` in order along the normal of the slices, and the (4, 4) float64 affine
        from (column, row, slice) to DICOM's world, millimetres to the left, the back and the head
        (C.7.6.2.1.1 of the standard). A gantry tilt becomes a shear.

    Raises:
        ImageError: directions, pixel sizes or distances that differ, two slices in one place, or
            missing ones, which are named by their neighbours.
    """
    turns = np.array([_numbers(d, "ImageOrientationPatient", _UPRIGHT) for d in datasets])
    sizes = np.array([_pixel_size(d) for d in datasets])
    places = np.array([_numbers(d, "ImagePositionPatient", (0.0, 0.0, 0.0)) for d in datasets])
    if np.abs(turns - turns[0]).max() > TURN_TOLERANCE:
        raise ImageError("series", expected="slices of one direction", actual="several directions")
    if np.abs(sizes / sizes[0] - 1).max() > TURN_TOLERANCE:
        raise ImageError("series", expected="slices of one PixelSpacing", actual="several")
    along, down = turns[0, :3], turns[0, 3:]
    normal = np.cross(along, down)
    depth = places @ normal
    order = [int(place) for place in np.argsort(depth, kind="stable")]
    step = normal * _thickness(datasets[0])
    if len(order) > 1:
        _check_gaps(depth[order], [_number_of(datasets[place]) for place in order])
        step = (places[order[-1]] - places[order[0]]) / (len(order) - 1)
        _check_line(places[order], step)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = along * sizes[0, 1], down * sizes[0, 0]
    affine[:3, 2], affine[:3, 3] = step, places[order[0]]
    return order, affine


def _check_gaps(depth: NDArray[np.float64], numbers: Sequence[str]) -> None:
    """Raise an ImageError unless sorted depths, in mm, are evenly spaced."""
    gaps = np.diff(depth)
    usual = float(np.median(gaps))
    if gaps.min() < 1e-3:
        place = int(gaps.argmin())
        expected = "one slice in each place (several times or echoes have to be split first)"
        actual = f"two at {depth[place]:.1f} mm along the normal"
        raise ImageError("series", expected=expected, actual=actual)
    if np.abs(gaps / usual - 1).max() <= GAP_TOLERANCE:
        return
    place = int(np.abs(gaps - usual).argmax())
    missing = gaps[place] / usual - 1
    between = (
        f"between instance {numbers[place]} at {depth[place]:.1f} mm and instance "
        f"{numbers[place + 1]} at {depth[place + 1]:.1f} mm along the normal"
    )
    expected = f"a slice every {usual:.4g} mm"
    if round(missing) >= 1 and abs(missing - round(missing)) < GAP_TOLERANCE * (1 + missing):
        raise ImageError("series", expected=expected, actual=f"{round(missing)} missing {between}")
    raise ImageError("series", expected=expected, actual=f"{gaps[place]:.4g} mm {between}")


def _check_line(places: NDArray[np.float64], step: NDArray[np.float64]) -> None:
    even = places[0] + np.arange(len(places))[:, None] * step
    off = np.linalg.norm(places - even, axis=1)
    if off.max() > GAP_TOLERANCE * np.linalg.norm(step):
        actual = f"slice {int(off.argmax()) + 1} is {off.max():.2f} mm beside it"
        raise ImageError("series", expected="slices on one straight line", actual=actual)


def _numbers(dataset: Any, name: str, otherwise: Sequence[float]) -> list[float]:
    """The numbers of a field that may be missing, as many as `otherwise` has."""
    values = [float(value) for value in dataset.get(name) or otherwise]
    if len(values) != len(otherwise) or not np.isfinite(values).all():
        raise ImageError(name, expected=f"{len(otherwise)} numbers", actual="something else")
    return values


def _pixel_size(dataset: Any) -> list[float]:
    """Millimetres from row to row and from column to column."""
    name = "PixelSpacing" if "PixelSpacing" in dataset else "ImagerPixelSpacing"
    size = _numbers(dataset, name, (1.0, 1.0))
    if min(size) <= 0:
        raise ImageError(name, expected="two numbers above 0", actual="others")
    return size


def _thickness(dataset: Any) -> float:
    """Millimetres that a single slice stands for."""
    for name in ("SpacingBetweenSlices", "SliceThickness"):
        value = abs(float(dataset.get(name) or 0.0))
        if value > 0:
            return value
    return 1.0


def _number_of(dataset: Any) -> str:
    try:
        return str(int(dataset.get("InstanceNumber")))
    except (TypeError, ValueError):
        return "?"
