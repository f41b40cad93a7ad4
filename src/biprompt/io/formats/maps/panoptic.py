"""COCO panoptic: a PNG of segment ids in its three channels, and a JSON that says what each is.

The layout is the "panoptic segmentation" one of https://cocodataset.org/#format-data: a pixel's id
is R + 256 G + 65536 B, 0 is no segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.io.formats.maps.colours import class_colours
from biprompt.io.formats.maps.named import NamedMap, Region
from biprompt.io.formats.objects import Rgb
from biprompt.masks import bbox_xywh

Segments = Sequence[tuple[int, Region]]
"""Regions under their ids."""


def panoptic_segments(named: NamedMap) -> list[tuple[int, Region]]:
    """Return every region of a map under an id of its own.

    An id is the colour of the class, so that the PNG shows the classes; a second region of a class
    gets the next id that is free.
    """
    colours, taken = class_colours(len(named.names)), set[int]()
    found = []
    for region in named.regions():
        number = id_of(colours[region.number - 1])
        while number in taken:
            number += 1
        taken.add(number)
        found.append((number, region))
    return found


def id_of(colour: Rgb) -> int:
    """Return the id that a colour stands for."""
    red, green, blue = colour
    return red + 256 * green + 65536 * blue


def panoptic_pixels(named: NamedMap, segments: Segments) -> NDArray[np.uint8]:
    """Return the picture of ids, (H, W, 3) uint8."""
    ids = np.zeros(named.hw, np.uint32)
    for number, region in segments:
        ids[region.mask] = number
    return np.stack([(ids >> shift & 255).astype(np.uint8) for shift in (0, 8, 16)], -1)


def panoptic_document(named: NamedMap, segments: Segments, picture: str) -> dict[str, Any]:
    """Describe the segments as plain JSON values.

    Args:
        named: the map.
        segments: its regions under their ids.
        picture: name of the PNG file beside the document.

    A category `isthing` where a region of it is one instance. `score` is an extra member.
    """
    height, width = named.hw
    things = {region.number for _, region in segments if region.is_thing}
    return {
        "info": {"description": "label map made by biprompt"},
        "licenses": [],
        "images": [{"id": 1, "file_name": named.file_name, "height": height, "width": width}],
        "annotations": [
            {
                "image_id": 1,
                "file_name": picture,
                "segments_info": [_segment(number, region) for number, region in segments],
            }
        ],
        "categories": [
            {"id": number, "name": name, "supercategory": name, "isthing": int(number in things),
             "color": list(colour)}
            for number, (name, colour) in enumerate(
                zip(named.names, class_colours(len(named.names)), strict=True), start=1
            )
        ],
    }  # fmt: skip


def _segment(number: int, region: Region) -> dict[str, Any]:
    about = {
        "id": number,
        "category_id": region.number,
        "area": int(np.count_nonzero(region.mask)),
        "bbox": [int(value) for value in bbox_xywh(region.mask)],
        "iscrowd": 0,
    }
    return about if region.score is None else {**about, "score": round(region.score, 6)}
