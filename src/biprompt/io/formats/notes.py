"""What masks lose in a format that cannot hold them, as sentences in ASCII."""

from __future__ import annotations

from biprompt.io.formats.objects import DEFAULT_LABEL, LabelledImage
from biprompt.masks import count_parts_and_holes


def joined(image: LabelledImage, *, parts: bool) -> str | None:
    """Say how many objects have holes, or several parts, that are joined by cuts."""
    what = "Holes and parts" if parts else "Holes"
    counts = [count_parts_and_holes(thing.mask) for thing in image.objects]
    number = sum(holes > 0 or (parts and pieces > 1) for pieces, holes in counts)
    if not number:
        return None
    return f"{what} of {_objects(number)} are joined by cuts of no width."


def empty_left_out(image: LabelledImage) -> str | None:
    """Say how many objects without a pixel are left out."""
    number = sum(thing.area == 0 for thing in image.objects)
    return f"{_objects(number).capitalize()} without a pixel left out." if number else None


def overlapping(pixels: int) -> str | None:
    """Say how many pixels belong to several objects and went to one."""
    if not pixels:
        return None
    return (
        f"Of {pixels} {'pixel' if pixels == 1 else 'pixels'} in several objects, the last got all."
    )


def labels_lost(image: LabelledImage) -> str | None:
    """Say where the labels are when they are not in the file."""
    if all(thing.label == DEFAULT_LABEL for thing in image.objects):
        return None
    several = len(image.objects) > 1
    return "Labels are in the file names only." if several else "The label is not in the file."


def moved(tolerance: float) -> str | None:
    """Say that simplified outlines may have changed masks."""
    # Pixel centres lie half a pixel from the outline.
    return f"Outlines moved by up to {tolerance:g} pixels." if tolerance >= 0.5 else None


def _objects(number: int) -> str:
    return "one object" if number == 1 else f"{number} objects"
