"""The doubtful images of a folder of results, and what people say of them."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from biprompt.errors import DataError, InputError
from biprompt.io.formats.png import image_png
from biprompt.labeling.corrections import Corrector, Objects, read_corrections
from biprompt.labeling.dataset.assembly import assembled_rules
from biprompt.labeling.dataset.review import REVIEW
from biprompt.labeling.journal import Journal
from biprompt.labeling.manifest import MANIFEST, read_manifest
from biprompt.labeling.places import open_place, read_image
from biprompt.labeling.review.session import by_hand, session_file
from biprompt.labeling.rules import Answer, apply_rules
from biprompt.labeling.storage import LocalStorage
from biprompt.selection import Policy

_MOST_CHARS = 200
"""Of a name that the page takes."""
_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
"""What every browser reads; other images are sent as PNG."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An image with doubtful answers.

    Attributes:
        item: its number in the plan.
        name: of the image.
        answers: id, label and reason of each, the most doubtful first.
    """

    item: int
    name: str
    answers: tuple[Mapping[str, str], ...]


class Review:
    """The doubtful images of a folder of results, the most doubtful first.

    Args:
        folder: as `biprompt label` left it.

    Attributes:
        images: them.

    Raises:
        DataError: it is no such folder, or the list is damaged.
    """

    def __init__(self, folder: Path) -> None:
        """Read the list; masks and photographs stay on the disk."""
        self._storage = LocalStorage(folder)
        manifest = read_manifest(self._storage)
        if manifest is None:
            expected = "results of `biprompt label`"
            raise DataError(
                "review folder", expected=expected, actual=f"no {MANIFEST}", path=folder
            )
        self._manifest = manifest
        self._journal = Journal(self._storage, manifest.images["count"])
        self._corrector = Corrector(folder)
        self._corrected = read_corrections(self._storage)
        self.images = _doubtful(folder / REVIEW)

    def is_done(self, place: int) -> bool:
        """Whether a person has said what an image shows."""
        return self.images[place].name in self._corrected

    @property
    def next(self) -> int | None:
        """Place of the first image that nobody has looked at; None without one."""
        return next((n for n in range(len(self.images)) if not self.is_done(n)), None)

    def session(self, place: int) -> dict[str, Any]:
        """Return an image as a session file of the page.

        Args:
            place: in `images`.

        Raises:
            InputError: the photograph cannot be read any more.
        """
        doubtful = self.images[place]
        (record,) = self._journal.records([doubtful.item])
        image = {
            "name": record["image"][-_MOST_CHARS:],
            "height": record["height"],
            "width": record["width"],
        }
        return session_file(
            {**image, "data": _data_url(record["source"])},
            self._answers(record),
            doubtful.answers[0]["id"],
            self._manifest.model_name,
            Policy(pool=self._manifest.settings["pool"]),
        )

    def correct(self, place: int, objects: Objects) -> None:
        """Keep what a person says that an image shows.

        Args:
            place: in `images`.
            objects: `label` and `mask` (COCO run lengths) of each.

        Raises:
            InputError: a mask is damaged, empty or of another size.
            OutputError: it cannot be written.
        """
        doubtful = self.images[place]
        (record,) = self._journal.records([doubtful.item])
        size = [record["height"], record["width"]]
        for thing in objects:
            if thing["mask"]["size"] != size:
                raise InputError("mask", expected=f"size {size}", actual=thing["mask"]["size"])
        self._corrector.add(doubtful.name, objects)
        self._corrected[doubtful.name] = objects

    def _answers(self, record: Mapping[str, Any]) -> list[Answer]:
        """What the data set shows, and what was asked for and is not there."""
        corrected = self._corrected.get(record["image"])
        if corrected is not None:
            return [by_hand(thing) for thing in corrected]
        rules = replace(assembled_rules(self._storage), refused="keep")
        return apply_rules(record["objects"], rules)


def _doubtful(path: Path) -> tuple[Doubtful, ...]:
    """The images of a review list, each once, where its most doubtful answer stands."""
    found: dict[str, tuple[int, list[Mapping[str, str]]]] = {}
    with open_place(os.fspath(path)) as file:
        for number, line in enumerate(file, start=1):
            try:
                told = json.loads(line)
                about = {"id": told["id"], "label": told["label"], "why": "; ".join(told["why"])}
                found.setdefault(told["image"], (told["item"], []))[1].append(about)
            except (ValueError, KeyError, TypeError) as error:
                expected = "a line of the review list"
                raise DataError(
                    f"line {number}", expected=expected, actual=error, path=path
                ) from error
    return tuple(Doubtful(item, name, tuple(why)) for name, (item, why) in found.items())


def _data_url(source: str) -> str:
    """The photograph in a URL of its own."""
    kind = _TYPES.get(os.path.splitext(source)[1].lower())
    if kind is None:
        kind, data = "image/png", image_png(read_image(source).pixels)
    else:
        with open_place(source) as file:
            data = file.read()
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
