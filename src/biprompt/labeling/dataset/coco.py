"""One COCO file of any size: written as the images come, never held."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, BinaryIO

from biprompt.io.formats.coco import annotation_entry, image_entry
from biprompt.labeling.dataset.classes import Classes
from biprompt.labeling.dataset.shaped import Record, Shaped
from biprompt.labeling.rules import Answer
from biprompt.labeling.storage import Storage

COCO = "instances.json"
_SPOOL_BYTES = 2**20
_EXTRAS = ("verdict", "presence", "similarity", "margin", "winner", "reason", "prompt", "merged")


def coco_image(shaped: Shaped, record: Record) -> bytes:
    """Return the entry of an image; `absent` names what was asked for and is not there."""
    absent = [one["label"] for one in record["objects"] if one["verdict"] == "absent"]
    entry = image_entry(shaped.number + 1, shaped.image)
    return _json(entry | {"absent": absent} if absent else entry)


def coco_annotations(shaped: Shaped, classes: Classes, model: str) -> list[bytes]:
    """Return the entries of the objects of an image, without their ids.

    Beside COCO's own members: `score` the predicted IoU, and `biprompt` with the model, the prompt
    and its id, and the numbers of the selection card.
    """
    return [
        _json(
            {"image_id": shaped.number + 1}
            | annotation_entry(thing, 1 + classes.numbers[thing.label])
            | {"biprompt": _extras(answer, model)}
        )
        for answer, thing in zip(shaped.answers, shaped.image.objects, strict=True)
    ]


def _extras(answer: Answer, model: str) -> dict[str, Any]:
    found = {name: answer[name] for name in _EXTRAS if name in answer}
    if (winner := found.get("winner")) is not None:
        chosen = answer["candidates"][winner]
        found["winner"] = {"source": chosen["source"], "index": chosen["index"]}
    return {"model": model, "id": answer["id"], **found}


class CocoFile:
    """The file while it is written; see `coco_file`."""

    def __init__(self, file: BinaryIO, images: IO[bytes]) -> None:
        self._file, self._images = file, images
        self._annotations = self._entries = 0

    def add(self, image: bytes, annotations: Sequence[bytes]) -> None:
        """Add an image and its annotations, which get the next ids, from 1."""
        self._images.write(b",\n" * (self._entries > 0) + image)
        self._entries += 1
        for entry in annotations:
            separator = b",\n" * (self._annotations > 0)
            self._annotations += 1
            self._file.write(b'%s{"id": %d, %s' % (separator, self._annotations, entry[1:]))


@contextmanager
def coco_file(storage: Storage, classes: Classes) -> Iterator[CocoFile]:
    """Write a COCO file whose categories are these classes, with ids from 1."""
    categories = [{"id": id_, "name": name} for id_, name in enumerate(classes.names, start=1)]
    head = {"info": {"description": "masks made by biprompt"}, "licenses": []}
    with (
        storage.writing(COCO) as file,
        tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as images,
    ):
        file.write(_json({**head, "categories": categories})[:-1] + b',\n"annotations": [\n')
        yield CocoFile(file, images)
        file.write(b'],\n"images": [\n')
        images.seek(0)
        shutil.copyfileobj(images, file)
        file.write(b"]}\n")


def _json(values: dict[str, Any]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    return text.encode(errors="backslashreplace")  # half a character, as JSON writes it
