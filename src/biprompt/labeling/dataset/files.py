"""The formats that have files of their own for each image: YOLO, LabelMe, PNG."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import numpy as np

from biprompt.io.formats import labelme
from biprompt.io.formats.export import export
from biprompt.io.formats.labels import MAX_OBJECTS, palette_png
from biprompt.io.formats.names import safe_word
from biprompt.io.formats.objects import LabelledImage
from biprompt.io.formats.png import mask_png
from biprompt.io.formats.yolo import yolo_labels
from biprompt.labeling.dataset.classes import Classes
from biprompt.labeling.dataset.job import Job
from biprompt.labeling.dataset.shaped import Shaped
from biprompt.labeling.storage import Storage, is_url, write

Files = Iterator[tuple[str, bytes]]


def write_files(shaped: Shaped, classes: Classes, job: Job, storage: Storage) -> None:
    """Write the files of one image, for every format that has such.

    Args:
        shaped: the image.
        classes: of the data set.
        job: which formats.
        storage: takes the files.
    """
    makers = {"yolo": _yolo, "labelme": _labelme, "png": _png}
    for name in job.formats:
        if name in makers:
            for file, data in makers[name](shaped, classes, storage):
                write(storage, file, data, sync=False)


def write_lists(classes: Classes, job: Job, storage: Storage) -> None:
    """Write the lists of classes that the formats want beside their files."""
    lines = "".join(f"{name}\n" for name in classes.lines).encode()
    if "yolo" in job.formats:
        write(storage, "yolo/classes.txt", lines)
        write(storage, "yolo/data.yaml", _data_yaml(classes).encode())
    if "png" in job.formats:
        write(storage, "png/classes.txt", lines)


def _yolo(shaped: Shaped, classes: Classes, storage: Storage) -> Files:
    # Also without an object: trainers take an empty file for an image that shows nothing.
    yield f"yolo/labels/{shaped.stem}.txt", yolo_labels(shaped.image, classes.lines).encode()


def _data_yaml(classes: Classes) -> str:
    # A JSON string is a YAML string too.
    names = (f"  {number}: {json.dumps(name)}" for name, number in classes.numbers.items())
    note = "# `images` beside `labels`: a copy of the images, or a link to their folder."
    return "\n".join([note, "path: .", "train: images", "val: images", "names:", *names, ""])


def _labelme(shaped: Shaped, classes: Classes, storage: Storage) -> Files:
    name = f"labelme/{shaped.stem}.json"
    document = labelme.labelme_document(shaped.image)
    folder, source = os.path.dirname(storage.where(name)), shaped.source
    if not is_url(source) and not is_url(folder):
        document["imagePath"] = os.path.relpath(source, os.path.abspath(folder))
    yield name, (json.dumps(document) + "\n").encode()


def _png(shaped: Shaped, classes: Classes, storage: Storage) -> Files:
    image = shaped.image
    if len(image.objects) <= MAX_OBJECTS:
        yield f"png/objects/{shaped.stem}.png", export(image, "labels").files[0].data
    if len(classes.names) <= MAX_OBJECTS:
        yield f"png/classes/{shaped.stem}.png", _class_map(image, classes)
    for number, thing in enumerate(image.objects, start=1):
        name = f"png/masks/{shaped.stem}-{number}-{safe_word(thing.label)}.png"
        yield name, mask_png(thing.mask)


def _class_map(image: LabelledImage, classes: Classes) -> bytes:
    """A map whose numbers are those of the classes, from 1; where masks overlap, the last one's."""
    numbers = np.zeros(image.hw, np.uint8)
    for thing in image.objects:
        numbers[thing.mask] = 1 + classes.numbers[thing.label]
    return palette_png(numbers, [classes.colour(name) for name in classes.names], classes.names)
