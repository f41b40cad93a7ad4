"""EndoVis 2017, robotic instrument segmentation, as the challenge publishes it.

::

    root/train/instrument_dataset_1/left_frames/frame000.png
    root/train/instrument_dataset_1/ground_truth/Left_Prograsp_Forceps_labels/frame000.png

Frames are 1920 x 1080 with black borders; the picture is the part that every paper evaluates,
1280 x 1024 pixels from (320, 28). A mask's numbers tell the instrument's parts; whatever is not 0
is the instrument.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from biprompt.data.labels import ClassMasks
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout, pictures
from biprompt.data.samples import InteractiveObject, SampleSet, SemanticSample
from biprompt.data.sources import Union, Values
from biprompt.errors import DataError

CLASSES = (
    "bipolar forceps",
    "prograsp forceps",
    "large needle driver",
    "vessel sealer",
    "grasping retractor",
    "monopolar curved scissors",
    "other instruments",
)
"""The instrument types, in the order of the challenge's type_mapping.json."""

CROP = (320, 28, 1600, 1052)
FOLDS = {"fold0": (1, 3), "fold1": (2, 5), "fold2": (4, 8), "fold3": (6, 7)}
"""Sequences held out in the four folds of Shvets et al. (2018), which later papers follow."""
SPLITS = {"train": tuple(range(1, 9)), "test": tuple(range(1, 11)), **FOLDS}

_SIDES = ("left_", "right_", "maryland_")


def read_endovis17(name: str, root: str | Path, split: str) -> SampleSet[SemanticSample]:
    """Read the frames: a mask for each instrument type in sight.

    Args:
        name: how `biprompt data` lists it.
        root: holds `train` and, for the split "test", `test` with ground truth.
        split: "train" (sequences 1 to 8), "test" (1 to 10), or "fold0" to "fold3".

    Raises:
        DataError: a folder or a file is missing, or a folder names no known instrument; the
            message names it.
    """
    layout = Layout(name, root)
    samples = tuple(_frame(frame, masks) for frame, masks in _frames(layout, split))
    return SampleSet(name, split, samples)


def read_endovis17_objects(name: str, root: str | Path, split: str) -> SampleSet[InteractiveObject]:
    """Read the instruments, each with its type's name; a frame where one is not in sight counts.

    An instrument that has left the frame has an empty mask: only decoding tells. A protocol that
    clicks has to leave these out.

    Raises:
        DataError: as in `read_endovis17`.
    """
    layout = Layout(name, root)
    objects = (
        InteractiveObject(
            Picture(frame, CROP), _frame_id(frame), mask.parent.name, _instrument(mask), label=label
        )
        for frame, masks in _frames(layout, split)
        for index, mask in masks
        for label in (CLASSES[index],)
    )
    return SampleSet(name, split, tuple(objects))


def _frames(layout: Layout, split: str) -> Iterator[tuple[Path, list[tuple[int, Path]]]]:
    """Yield each frame with (class index, mask file) for each instrument of its sequence."""
    layout.split(split, SPLITS)
    part = "test" if split == "test" else "train"
    for number in SPLITS[split]:
        folder = f"instrument_dataset_{number}"
        frames = layout.folder(f"{part}/{folder}/left_frames", f"{folder}/left_frames")
        truth = frames.parent / "ground_truth"
        if not truth.is_dir():
            raise layout.missing("folder", truth)
        kinds = [(_class_of(path), path) for path in sorted(truth.iterdir()) if path.is_dir()]
        for frame in pictures(frames):
            yield frame, [(kind, layout.present(path / frame.name)) for kind, path in kinds]


def _class_of(folder: Path) -> int:
    """Return the class index of a folder such as Left_Prograsp_Forceps_labels."""
    words = folder.name.lower().removesuffix("_labels")
    for side in _SIDES:
        words = words.removeprefix(side)
    words = words.replace("_", " ").strip()
    if words in ("other", "ultrasound probe"):
        return CLASSES.index("other instruments")
    if words not in CLASSES:
        raise DataError(
            "instrument", expected=", ".join(CLASSES), actual=folder.name, path=folder.parent
        )
    return CLASSES.index(words)


def _frame(frame: Path, masks: list[tuple[int, Path]]) -> SemanticSample:
    by_class: dict[int, list[Values]] = defaultdict(list)
    for index, path in masks:
        by_class[index].append(_instrument(path))
    source = ClassMasks(tuple((index, Union(tuple(by_class[index]))) for index in sorted(by_class)))
    return SemanticSample(Picture(frame, CROP), _frame_id(frame), CLASSES, source)


def _instrument(mask: Path) -> Values:
    return Values(mask, 1, crop=CROP)


def _frame_id(frame: Path) -> str:
    return f"{frame.parent.parent.name}/{frame.stem}"
