"""What a file in COCO's form marks in each image: categories only, no masks.

The files of the refer family list every annotation of an image, also those that no sentence means.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from biprompt.data.readers._json import value, whole
from biprompt.data.readers._stream import START, stream_lists


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """Categories in images.

    Attributes:
        categories: all that the file knows.
        by_image: those of which an image has an annotation, by its number; images without one are
            not listed.
    """

    categories: frozenset[str]
    by_image: dict[int, frozenset[str]]


def read_presence(path: Path) -> Presence:
    """Read which categories are marked in which image.

    Raises:
        DataError: the file is missing or damaged, or a key is missing.
    """
    names: dict[int, str] = {}
    found: dict[int, set[int]] = defaultdict(set)
    for key, entry in stream_lists(path):
        if entry is START:
            continue
        if key == "categories":
            names[whole(entry, "id", path)] = str(value(entry, "name", path))
        elif key == "annotations":
            found[whole(entry, "image_id", path)].add(whole(entry, "category_id", path))
    by_image = {
        image: frozenset(names[number] for number in numbers if number in names)
        for image, numbers in found.items()
    }
    return Presence(frozenset(names.values()), by_image)
