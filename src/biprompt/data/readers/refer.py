"""RefCOCO, RefCOCO+, RefCOCOg, RefCLEF and R-RefCOCO: the layout of the refer API.

::

    root/refcoco/refs(unc).p            a pickle: one dict a reference
    root/refcoco/instances.json         COCO's form
    root/images/mscoco/train2014/*.jpg  or images/mscoco/images/train2014, images/train2014
    root/images/saiapr_tc-12/...        for RefCLEF

R-RefCOCO (Wu et al., 2022) adds sentences with `exist: False` to the references: they mean nothing
in the image.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from biprompt.data.faults import Faults
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import Instances, read_instances
from biprompt.data.readers._json import listed, value, whole
from biprompt.data.readers._pickles import read_pickle
from biprompt.data.samples import ReferringSample, SampleSet
from biprompt.data.sources import Nothing
from biprompt.errors import DataError

COCO_IMAGES = (
    "images/mscoco/train2014",
    "images/mscoco/images/train2014",
    "images/train2014",
    "train2014",
)
CLEF_IMAGES = ("images/saiapr_tc-12", "saiapr_tc-12")


def read_refer(
    name: str,
    root: str | Path,
    split: str,
    *,
    folder: str,
    split_by: tuple[str, ...],
    faults: Faults | None = None,
) -> SampleSet[ReferringSample]:
    """Read one split of a data set of the refer family.

    Each reference is a sample with all its sentences. A reference of R-RefCOCO that has sentences
    about nothing is two samples with one `ref_id`: those of the target first.

    Args:
        name: how `biprompt data` lists it.
        root: the folder that holds `folder` and `images`.
        split: "train", "val", "test", "testA", ...; "testA" takes also what the file calls
            "testAB", and "test" takes every test, as the refer API does.
        folder: the data set's own folder, for example "refcoco+".
        split_by: who split it: "unc", "umd", "google" or "berkeley"; of several the first that is
            there.
        faults: where a reference that cannot be used goes; None: it is an error.

    Raises:
        DataError: a file or a split is missing, the pickle would run code, or something in the
            files is not what it should be; the message names the file.
    """
    layout = Layout(name, root)
    source, every = _references(layout, folder, split_by)
    chosen = [ref for ref in every if in_split(str(value(ref, "split", source)), split)]
    if not chosen:
        layout.split(split, sorted({str(ref["split"]) for ref in every}))
    instances = read_instances(
        layout.file(f"{folder}/instances.json"), {whole(ref, "ann_id", source) for ref in chosen}
    )
    images = layout.folder(*(CLEF_IMAGES if folder == "refclef" else COCO_IMAGES))
    samples = (faults or Faults()).each(
        chosen, lambda ref: _samples(ref, instances, layout, images, source)
    )
    return SampleSet(name, split, tuple(samples))


def held_out_images(
    name: str, root: str | Path, *, folder: str, split_by: tuple[str, ...]
) -> frozenset[int]:
    """Return the numbers of all images that a data set of the refer family does not train on.

    RefCOCO, RefCOCO+ and RefCOCOg take their images from COCO's train2014 and split them each in
    its own way: an image that one of them tests on is another one's training image.

    Raises:
        DataError: as in `read_refer`.
    """
    source, every = _references(Layout(name, root), folder, split_by)
    held = (ref for ref in every if not in_split(str(value(ref, "split", source)), "train"))
    return frozenset(whole(ref, "image_id", source) for ref in held)


def _references(layout: Layout, folder: str, split_by: tuple[str, ...]) -> tuple[Path, list[Any]]:
    source = layout.file(*(f"{folder}/refs({who}).p" for who in split_by))
    every = read_pickle(source)
    if not isinstance(every, list):
        raise DataError("references", expected="a list", actual=type(every).__name__, path=source)
    return source, every


def in_split(stated: str, split: str) -> bool:
    """Return whether a reference marked `stated` belongs to `split`, by the refer API's rule."""
    if split == "test":
        return stated.startswith("test")
    if split in ("testA", "testB", "testC"):
        return stated.startswith("test") and split[-1] in stated[len("test") :]
    return stated == split


def sentence_of(entry: Any, source: Path) -> str:
    """Return a sentence as it is evaluated: cleaned by the data set, not as it was typed.

    Raises:
        DataError: the entry holds neither form.
    """
    key = "sent" if isinstance(entry, dict) and "sent" in entry else "raw"
    return str(value(entry, key, source))


def _samples(
    ref: Any, instances: Instances, layout: Layout, images: Path, source: Path
) -> Iterator[ReferringSample]:
    image_id, ref_id = whole(ref, "image_id", source), whole(ref, "ref_id", source)
    annotation = instances.annotations.get(whole(ref, "ann_id", source))
    if annotation is None or annotation.image_id != image_id:
        raise DataError(
            f"annotation of reference {ref_id}",
            expected=f"one of image {image_id}",
            actual=ref["ann_id"],
            path=instances.path,
        )
    picture = Picture(layout.below(images, instances.images[image_id].file_name))
    there, absent = _sentences(ref, source)
    stated, label = str(ref["split"]), instances.categories.get(annotation.category_id)
    if there:
        target = instances.mask_of(annotation)
        yield ReferringSample(picture, image_id, ref_id, there, target, split=stated, label=label)
    if absent:
        nothing = Nothing(instances.images[image_id].hw)
        yield ReferringSample(
            picture, image_id, ref_id, absent, nothing, no_target=True, split=stated
        )


def _sentences(ref: Any, source: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sentences that mean the target and those that mean nothing."""
    there: list[str] = []
    absent: list[str] = []
    for entry in listed(ref, "sentences", source):
        sentence = sentence_of(entry, source)
        (there if entry.get("exist", True) else absent).append(sentence)
    return tuple(there), tuple(absent)
