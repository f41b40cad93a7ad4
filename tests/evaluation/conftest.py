"""Tiny data sets in COCO layout, and a model that knows the truth."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from scipy import ndimage

from biprompt.data.coco import CocoDataset, CocoImage, read_coco
from biprompt.evaluation.model import Contender
from biprompt.masks import rle_encode
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard
from biprompt.selection import Policy, select

BoolMask = npt.NDArray[np.bool_]
HW = (48, 64)
Boxes = Mapping[str, Sequence[tuple[str, tuple[int, int, int, int]]]]

PHOTOS: Boxes = {
    "a.png": [("cup", (4, 4, 24, 28)), ("dog", (34, 10, 60, 40))],
    "b.png": [("dog", (10, 10, 40, 40))],
    "c.png": [("cup", (20, 6, 50, 44))],
}


def rectangle(box: tuple[int, int, int, int]) -> BoolMask:
    mask = np.zeros(HW, bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return mask


def write_set(root: Path, photos: Boxes, labels: Sequence[str], **extra: Any) -> Path:
    """Write images of one colour and the rectangles on them."""
    (root / "images").mkdir(parents=True)
    images, annotations = [], []
    for number, (name, boxes) in enumerate(photos.items(), start=1):
        Image.new("RGB", HW[::-1], "gray").save(root / "images" / name)
        images.append({"id": number, "file_name": name, "height": HW[0], "width": HW[1]})
        for label, box in boxes:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": labels.index(label) + 1,
                    "segmentation": rle_encode(rectangle(box)),
                    **extra,
                }
            )
    categories = [{"id": i, "name": name} for i, name in enumerate(labels, start=1)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (root / "instances.json").write_text(json.dumps(document))
    return root


class Knowing:
    """Finds the object under the first click, eroded by as many pixels as clicks are missing.

    Three candidates: eroded less, as said, and more, each with the same predicted IoU. A known
    name gives the true mask of all of its kind, with presence 0.9 or 0.1; a name with a "q" is not
    understood.
    """

    def __init__(self, dataset: CocoDataset, clicks_needed: int = 4) -> None:
        self.images = {image.path: image for image in dataset.images}
        self.clicks_needed = clicks_needed
        self.embedded: list[str] = []
        self.prompts: list[Prompt] = []

    def embed(self, image: Any) -> CocoImage:
        if isinstance(image, np.ndarray):  # photographs in memory are looked at for their time
            return CocoImage(0, Path("memory"), HW, ())
        self.embedded.append(image.name)
        return self.images[image]

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        assert prompt is not None
        prompt.check_frame(HW)
        self.prompts.append(prompt)
        policy = policy or Policy()
        named = None if prompt.text is None else self._named(image, prompt.text.phrase)
        understood = None if prompt.text is None else "q" not in prompt.text.phrase
        if understood is False:
            named = None
        presence = None if named is None else 0.9 if named.any() else 0.1
        masks, sources = self._candidates(image, prompt, named, policy)
        choice = select(
            np.stack(masks) if masks else np.zeros((0, *HW), bool),
            [0.5] * len(masks),
            sources,
            text_mask=named,
            presence=presence,
            text_understood=understood,
            policy=policy,
        )
        card = SelectionCard(
            tuple(
                Candidate(source, index, 0.5, None, mask)
                for index, (source, mask) in enumerate(zip(sources, masks, strict=True))
            ),
            *(named, choice.winner, choice.similarity, choice.margin),
            *(policy.metric, policy.name, policy.pool, choice.reason, understood),
        )
        return Segmentation(choice.mask, choice.verdict, presence, card, "knowing")

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        return [self.segment(image, prompt=prompt, policy=policy) for prompt in prompts]

    def _candidates(
        self, image: CocoImage, prompt: Prompt, named: BoolMask | None, policy: Policy
    ) -> tuple[list[BoolMask], list[str]]:
        if prompt.points is None:
            return ([], []) if named is None else ([named], ["text"])
        truth = self._clicked(image, prompt)
        missing = max(0, self.clicks_needed - len(prompt.points))
        masks = [eroded(truth, missing), eroded(truth, missing // 2), eroded(truth, missing + 1)]
        sources = ["point"] * 3
        if policy.pool == "wide" and named is not None:
            return [*masks, named & truth, named & truth], [*sources, "joint", "text@click"]
        return masks, sources

    def _named(self, image: CocoImage, phrase: str) -> BoolMask:
        masks = [a.mask() for a in image.annotations if a.label == phrase]
        return np.any(masks, axis=0) if masks else np.zeros(HW, bool)

    def _clicked(self, image: CocoImage, prompt: Prompt) -> BoolMask:
        assert prompt.points is not None
        x, y = prompt.points.xy[0]
        masks = (a.mask() for a in image.annotations)
        return next((m for m in masks if m[int(y), int(x)]), np.ones(HW, bool))


def eroded(mask: BoolMask, pixels: int) -> BoolMask:
    if pixels == 0:
        return mask
    return np.asarray(ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=pixels))


@pytest.fixture
def dataset(tmp_path: Path) -> CocoDataset:
    return read_coco(write_set(tmp_path / "photos", PHOTOS, ["cup", "dog", "zebra"]))


@pytest.fixture
def model(dataset: CocoDataset) -> Knowing:
    return Knowing(dataset)


@pytest.fixture
def contender(model: Knowing) -> Contender:
    return Contender("knowing", "1", model)


@pytest.fixture
def tools() -> SimpleNamespace:
    """The helpers above: test modules cannot import from here."""
    return SimpleNamespace(
        PHOTOS=PHOTOS, Knowing=Knowing, eroded=eroded, rectangle=rectangle, write_set=write_set
    )
