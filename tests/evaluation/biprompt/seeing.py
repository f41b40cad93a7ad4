"""A model that sees colours, and data sets in colour; worker processes import it by this name."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender
from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard
from biprompt.selection import Policy, select

BoolMask = npt.NDArray[np.bool_]
Box = tuple[int, int, int, int]
COLOURS = {"cup": 200, "prograsp forceps": 150, "dog": 100}
HW = (60, 80)
SCORES = (0.6, 0.5, 0.4)


@dataclass(frozen=True)
class Seeing:
    """Sees things by their grey.

    A click offers the thing without its outermost pixel, the thing, and all of its grey; the first
    has the highest predicted IoU. A name means all of its grey, anything with another word is not
    understood, and more than four words cannot be read.
    """

    def embed(self, image: Any) -> npt.NDArray[np.uint8]:
        return load_image(image).pixels[:, :, 0]

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        assert prompt is not None
        policy, known = policy or Policy(), None
        words = None if prompt.text is None else prompt.text.phrase
        if words is not None:
            if len(words.split()) > 4:
                raise PromptError("phrase", expected="at most 4 words", actual=words)
            known = next((grey for name, grey in COLOURS.items() if name in words), None)
        named = None if known is None else image == known
        masks, sources = self._offered(image, prompt, named, policy)
        choice = select(
            np.stack(masks) if masks else np.zeros((0, *image.shape), bool),
            SCORES[:1] * len(masks) if len(masks) == 1 else (*SCORES, 0.1)[: len(masks)],
            sources,
            text_mask=named,
            presence=None if named is None else 0.9 if named.any() else 0.1,
            text_understood=None if words is None else known is not None,
            policy=policy,
        )
        offered = tuple(
            Candidate(source, i, (*SCORES, 0.1)[i], None, mask)
            for i, (source, mask) in enumerate(zip(sources, masks, strict=True))
        )
        understood = None if words is None else known is not None
        card = SelectionCard(
            *(offered, named, choice.winner, choice.similarity, choice.margin),
            *(policy.metric, policy.name, policy.pool, choice.reason, understood),
        )
        presence = None if named is None else 0.9 if named.any() else 0.1
        return Segmentation(choice.mask, choice.verdict, presence, card, "seeing")

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        return [self.segment(image, prompt=prompt, policy=policy) for prompt in prompts]

    def _offered(
        self, image: Any, prompt: Prompt, named: BoolMask | None, policy: Policy
    ) -> tuple[list[BoolMask], list[str]]:
        if prompt.box is not None:
            mask = np.zeros(image.shape, bool)
            x0, y0, x1, y1 = prompt.box.xyxy.astype(int)
            mask[y0:y1, x0:x1] = True
            return [mask], ["point"]
        if prompt.points is None:
            return ([], []) if named is None else ([named], ["text"])
        x, y = prompt.points.xy[0].astype(int)
        every = image == image[y, x]
        labels, _ = ndimage.label(every)
        thing = labels == labels[y, x]
        masks = [ndimage.binary_erosion(thing, np.ones((3, 3))), thing, every]
        if policy.pool == "wide" and named is not None:
            return [*masks, named & thing], ["point"] * 3 + ["joint"]
        return masks, ["point"] * 3


def load_seeing() -> Contender:
    return Contender("seeing", "1", Seeing())


def paint(path: Path, things: Mapping[Box, int], hw: tuple[int, int] = HW) -> None:
    """Write a photograph of boxes (x0, y0, x1, y1) of some greys on black."""
    pixels = np.zeros((*hw, 3), np.uint8)
    for (x0, y0, x1, y1), grey in things.items():
        pixels[y0:y1, x0:x1] = grey
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def outline(box: Box) -> list[list[int]]:
    x0, y0, x1, y1 = box
    return [[x0, y0, x1, y0, x1, y1, x0, y1]]


def folder(root: Path, photos: Mapping[str, Sequence[tuple[str, Box]]]) -> Path:
    """Write a folder in COCO layout."""
    names = list(COLOURS)
    document: dict[str, Any] = {"images": [], "annotations": []}
    document["categories"] = [{"id": i, "name": name} for i, name in enumerate(names, start=1)]
    for number, (name, things) in enumerate(photos.items(), start=1):
        paint(root / "images" / name, {box: COLOURS[label] for label, box in things})
        size = {"height": HW[0], "width": HW[1]}
        document["images"].append({"id": number, "file_name": name, **size})
        for label, box in things:
            entry: dict[str, Any] = {"id": len(document["annotations"]) + 1, "image_id": number}
            entry |= {"category_id": names.index(label) + 1, "segmentation": outline(box)}
            document["annotations"].append(entry)
    (root / "instances.json").write_text(json.dumps(document))
    return root


CROP = (28, 320)
BOTH: tuple[Box, Box] = ((100, 100, 140, 120), (300, 200, 320, 220))


def endovis(root: Path) -> Path:
    """EndoVis17 as it is published: two forceps of one class, the other instrument out of sight."""
    sequence = root / "train" / "instrument_dataset_1"
    frame = {(x0 + 320, y0 + 28, x1 + 320, y1 + 28): 150 for x0, y0, x1, y1 in BOTH}
    paint(sequence / "left_frames" / "frame000.png", frame, (1080, 1920))
    for side, box in zip(("Left", "Right"), frame, strict=True):
        file = sequence / "ground_truth" / f"{side}_Prograsp_Forceps_labels" / "frame000.png"
        paint(file, {box: 30}, (1080, 1920))
    paint(
        sequence / "ground_truth" / "Maryland_Bipolar_Forceps_labels" / "frame000.png",
        {},
        (1080, 1920),
    )
    third = root / "train" / "instrument_dataset_3"
    paint(third / "left_frames" / "frame000.png", {}, (1080, 1920))
    paint(third / "ground_truth" / "Other_labels" / "frame000.png", {}, (1080, 1920))
    return root


def refcoco(root: Path) -> Path:
    """RefCOCO as it is published: two cups, two sentences about one of them."""
    name = "COCO_train2014_000000000009.jpg"
    boxes: tuple[Box, Box] = ((10, 10, 30, 30), (50, 10, 70, 40))
    photo = root / "images" / "mscoco" / "train2014" / name
    paint(photo.with_suffix(".png"), dict.fromkeys(boxes, COLOURS["cup"]))
    photo.with_suffix(".png").rename(photo)  # the name does not tell the format
    size = {"height": HW[0], "width": HW[1]}
    things = [
        {"id": i, "image_id": 9, "category_id": 3, "segmentation": outline(box), "iscrowd": 0}
        for i, box in enumerate(boxes, start=5)
    ]
    (root / "refcoco").mkdir()
    document = {"images": [{"id": 9, "file_name": name, **size}], "annotations": things}
    document["categories"] = [{"id": 3, "name": "cup"}]
    (root / "refcoco" / "instances.json").write_text(json.dumps(document))
    sentences = [
        {"sent_id": i, "sent": s, "raw": s, "tokens": s.split()}
        for i, s in enumerate(("Left cup ", "cup"))
    ]
    ref = {
        "ref_id": 1, "ann_id": 5, "image_id": 9, "category_id": 3, "split": "val",
        "file_name": name, "sent_ids": [0, 1], "sentences": sentences,
    }  # fmt: skip
    (root / "refcoco" / "refs(unc).p").write_bytes(pickle.dumps([ref], protocol=2))
    return root
