"""A label map: which of some named classes each pixel is, and the files it can be saved as."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.masks import bbox_xywh, rle_encode
from biprompt.results._plain import BoolArray, number
from biprompt.results.card import Verdict
from biprompt.results.shown import Shown

if TYPE_CHECKING:
    from biprompt.io.formats.maps.named import NamedMap
    from biprompt.io.formats.objects import LabelledImage


@dataclass(frozen=True, slots=True, eq=False)
class ClassFacts:
    """What became of one class.

    Attributes:
        name: as it was given.
        phrases: what was asked for it.
        presence: 0 to 1, how likely it is in the image; None where the model does not say.
        score: 0 to 1, mean score of the pixels it has; None where it has none.
        area: pixels it has.
        understood: whether the model knows a word of it.
    """

    name: str
    phrases: tuple[str, ...]
    presence: float | None
    score: float | None
    area: int
    understood: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "name": self.name,
            "phrases": list(self.phrases),
            "understood": self.understood,
            "presence": number(self.presence),
            "score": number(self.score),
            "area": self.area,
        }


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap(Shown):
    """The answer to a list of classes.

    Attributes:
        labels: (H, W) int32, original frame; 0 is none of the classes, `i + 1` is `classes[i]`.
        classes: what was asked for, in order, there or not.
        model: name of the model that answered.
        reason: one or two sentences for a person.
        instances: (H, W) int32, 0 where no instance is told apart, else its number, each within
            one class; None where instances were not asked for.
        image_path: where the image came from, None for arrays.
        image: (H, W, 3) uint8 RGB, kept for the overlay; None when it was not kept.
        timings_ms: milliseconds by step.

    Raises:
        InputError: a shape or dtype does not fit, or a number that no class has.
    """

    labels: npt.NDArray[np.int32] = field(repr=False)
    classes: tuple[ClassFacts, ...]
    model: str
    reason: str
    instances: npt.NDArray[np.int32] | None = field(default=None, repr=False)
    image_path: str | None = None
    image: npt.NDArray[np.uint8] | None = field(default=None, repr=False)
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check shapes and numbers."""
        self.named()
        if self.image is not None and self.image.shape != (*self.labels.shape, 3):
            expected = f"shape {(*self.labels.shape, 3)}"
            raise InputError("image", expected=expected, actual=f"shape {self.image.shape}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes, in order; number `i + 1` of the map is `names[i]`."""
        return tuple(each.name for each in self.classes)

    @property
    def scores(self) -> tuple[float | None, ...]:
        """Score of each class, see `ClassFacts`."""
        return tuple(each.score for each in self.classes)

    @property
    def presence(self) -> tuple[float | None, ...]:
        """Presence of each class, see `ClassFacts`."""
        return tuple(each.presence for each in self.classes)

    @property
    def found(self) -> tuple[str, ...]:
        """Names of the classes that have pixels."""
        return tuple(each.name for each in self.classes if each.area)

    @property
    def verdict(self) -> Verdict:
        """Found where any class has a pixel, else absent."""
        return Verdict.FOUND if self.found else Verdict.ABSENT

    def mask(self, name: str) -> BoolArray:
        """Return the pixels of a class, (H, W) bool.

        Raises:
            InputError: no class has this name.
        """
        if name not in self.names:
            raise InputError("class", expected=", ".join(self.names), actual=repr(name))
        return np.asarray(self.labels == self.names.index(name) + 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the object `--json` prints: plain JSON values, masks as COCO RLE.

        Each class has its `number` in the map, what `ClassFacts` says, and where it has pixels
        its `mask`, `bbox` [x, y, width, height] and number of `instances`.
        """
        height, width = self.labels.shape
        return {
            "image": {"path": self.image_path, "height": height, "width": width},
            "model": self.model,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "found": list(self.found),
            "covered": number(float(np.count_nonzero(self.labels)) / self.labels.size),
            "classes": [self._class(place) for place in range(len(self.classes))],
            "timings_ms": {name: number(ms) for name, ms in self.timings_ms.items()},
        }

    def _class(self, place: int) -> dict[str, Any]:
        told = {"number": place + 1, **self.classes[place].to_dict()}
        if not self.classes[place].area:
            return {**told, "mask": None, "bbox": None, "instances": None}
        mask = np.asarray(self.labels == place + 1)
        count = None
        if self.instances is not None:
            count = int(np.count_nonzero(np.unique(self.instances[mask])))
        box = [int(value) for value in bbox_xywh(mask)]
        return {**told, "mask": rle_encode(mask), "bbox": box, "instances": count}

    def named(self) -> NamedMap:
        """Return the map as files are written from it."""
        from biprompt.io.formats.maps.named import NamedMap

        # A file name that is no valid text still makes a valid document.
        name = os.fsencode(os.path.basename(self.image_path or "image")).decode(errors="replace")
        scores = tuple(number(score) for score in self.scores)
        return NamedMap(name, self.labels, self.names, scores, self.instances, self.image)

    def things(self) -> LabelledImage:
        """See `Shown.things`; a mask for each class, or instance."""
        return self.named().objects()

    def overlay(self) -> npt.NDArray[np.uint8]:
        """See `Shown.overlay`; with a legend below."""
        from biprompt.io.draw.legend import map_picture

        if self.image is None:
            raise InputError("image of the map", expected="the photograph", actual="not kept")
        return map_picture(self.image, self.labels, self.names)

    def told(self) -> tuple[str, str, str]:
        """See `Shown.told`."""
        return self.verdict.value, self.model, self.reason

    def save(
        self, path: str | os.PathLike[str], format: str | None = None, *,
        tolerance: float = 0.0, force: bool = False,
    ) -> None:  # fmt: skip
        """Write the map to a file, completely or not at all.

        Args:
            path: the file to write.
            format: "labels" (PNG of the numbers, with a palette), "panoptic" (COCO panoptic JSON,
                and its PNG beside it), "semantic" (COCO JSON with one mask a class), "overlay",
                or one mask a region as "coco", "yolo", "labelme" or "geojson"; None asks the
                suffix: .png (labels), .json (panoptic), .txt (YOLO) or .geojson.
            tolerance: how far outlines may move, in pixels, for formats that hold outlines.
            force: replace existing files.

        Raises:
            OutputError: unknown format or one that the suffix contradicts, a file exists, or one
                cannot be written.
            InputError: a tolerance that is wrong, or the photograph was not kept and the format
                needs it.
        """
        from biprompt.io.files import atomic_write, check_writable
        from biprompt.io.formats.maps.registry import files_beside, resolve_format
        from biprompt.io.formats.maps.writing import map_files

        chosen = resolve_format(path, format)
        for name in (os.fspath(path), *files_beside(path, chosen)):
            check_writable(name, force=force)
        for name, data in map_files(self.named(), path, chosen, tolerance):
            atomic_write(name, data, force=force)

    def save_overlay(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write a PNG of the classes over the photograph, with a legend.

        Raises:
            InputError: the photograph was not kept.
            OutputError: the file exists and `force` is False, or it cannot be written.
        """
        self.save(path, format="overlay", force=force)
