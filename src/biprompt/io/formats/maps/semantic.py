"""Semantic JSON: a COCO document with one run-length mask for each class that is there.

As COCO-Stuff's result files: masks do not overlap, and category ids are the numbers of the list of
classes, which is written whole. pycocotools loads it.
"""

from __future__ import annotations

from typing import Any

from biprompt.io.formats.coco import annotation_entry, image_entry
from biprompt.io.formats.maps.named import NamedMap
from biprompt.io.formats.objects import LabelledImage, LabelledMask


def semantic_document(named: NamedMap) -> dict[str, Any]:
    """Describe the classes of a map as plain JSON values."""
    annotations: list[dict[str, Any]] = []
    for number, name in enumerate(named.names, start=1):
        mask = named.labels == number
        if mask.any():
            thing = LabelledMask.of(mask, name, score=named.scores[number - 1])
            about = {"id": len(annotations) + 1, "image_id": 1}
            annotations.append({**about, **annotation_entry(thing, number)})
    return {
        "info": {"description": "label map made by biprompt"},
        "licenses": [],
        "images": [image_entry(1, LabelledImage(named.file_name, named.hw))],
        "annotations": annotations,
        "categories": [{"id": id_, "name": name} for id_, name in enumerate(named.names, start=1)],
    }
