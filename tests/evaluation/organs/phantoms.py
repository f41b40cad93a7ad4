"""CT phantoms in FLARE22's layout, and a model that reads organs off their grey; workers import it.

An organ of number k has -160 + 20 k Hounsfield units, so that every grey stands for one organ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from biprompt.data.readers.flare22 import ORGANS
from biprompt.evaluation.model import Contender
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict
from biprompt.selection import Policy

HW = (10, 12)
Slice = Mapping[str, tuple[int, int, int, int]]
"""Boxes (x0, y0, x1, y1) by organ."""

BODIES: Mapping[str, Sequence[Slice]] = {
    "a": [
        {"liver": (0, 0, 4, 5), "spleen": (6, 0, 8, 5), "aorta": (10, 0, 11, 2)},
        {"liver": (0, 0, 2, 5), "pancreas": (6, 6, 8, 8)},
    ],
    "b": [{"liver": (0, 0, 4, 4), "spleen": (6, 0, 8, 4), "pancreas": (6, 6, 10, 8)}],
}
"""Areas: liver 20, 10 and 16; spleen 10 and 8; pancreas 4 and 8; aorta 2."""


def labels_of(boxes: Slice) -> NDArray[np.int16]:
    labels = np.zeros(HW, np.int16)
    for organ, (x0, y0, x1, y1) in boxes.items():
        labels[y0:y1, x0:x1] = 1 + ORGANS.index(organ)
    return labels


def write(root: Path, bodies: Mapping[str, Sequence[Slice]] = BODIES) -> Path:
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    for name, slices in bodies.items():
        seen = np.stack([labels_of(boxes) for boxes in slices], axis=2)
        labels = seen.transpose(1, 0, 2)[::-1, ::-1]  # to the right, to the front, to the head
        for path, values in (
            (f"images/{name}_0000.nii.gz", (labels * 20 - 160).astype(np.int16)),
            (f"labels/{name}.nii.gz", labels),
        ):
            image = nibabel.Nifti1Image(values, np.eye(4))  # type: ignore[no-untyped-call]
            nibabel.save(image, root / path)
    return root


class Anatomist:
    """Knows every organ; but takes the pancreas for the spleen, and doubts the aorta.

    A stomach it always finds, in the last two pixels; a click or a box gives the organ below.
    """

    def __init__(self) -> None:
        self.looks = 0
        self.calls: list[list[Prompt]] = []

    def embed(self, image: Any) -> NDArray[np.int64]:
        self.looks += 1
        assert image.shape == (*HW, 3)
        return np.asarray(np.round(image[:, :, 0] / 12.75), np.int64)

    def segment(self, *_: Any, **__: Any) -> Segmentation:
        raise NotImplementedError

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        assert policy is not None and policy.presence_threshold == 0.0
        self.calls.append(list(prompts))
        return [self._answer(image, prompt) for prompt in prompts]

    def _answer(self, labels: NDArray[np.int64], prompt: Prompt) -> Segmentation:
        if prompt.text is None:
            at = prompt.points.xy[0] if prompt.points else prompt.box.xyxy[:2]  # type: ignore[union-attr]
            mask, presence = labels == labels[int(at[1]), int(at[0])], None
        else:
            mask, presence = self._named(labels, prompt.text.phrase)
        card = replace(CARD, text_understood=None if prompt.text is None else True)
        return Segmentation(mask, Verdict.FOUND, presence, card, "anatomist")

    def _named(self, labels: NDArray[np.int64], phrase: str) -> tuple[NDArray[np.bool_], float]:
        name = next((organ for organ in ORGANS if organ in phrase), "")
        if name == "stomach":
            mask = np.zeros(HW, np.bool_)
            mask[-1, -2:] = True
            return mask, 0.9
        shown = "pancreas" if name == "spleen" else name
        mask = labels == (1 + ORGANS.index(shown) if shown else -1)
        return mask, 0.1 if name == "aorta" or not mask.any() else 0.9


CARD = SelectionCard((), None, None, None, None, "iou", "none", "paper", "Read off the grey.")


def anatomist() -> Contender:
    return Contender("anatomist", "1", Anatomist(), Policy(presence_threshold=0.5))
