"""Parts of data sets in their official layouts, a model, and what the reports say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard
from biprompt.selection import Policy, select

HW = (20, 30)
BOX = (2, 2, 12, 12)
"""x0, y0, x1, y1 of the cup: 100 pixels."""


def rectangle(x0: int, y0: int, x1: int, y1: int, hw: tuple[int, int] = HW) -> np.ndarray:
    mask = np.zeros(hw, np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


class Halving:
    """Outlines the left half of the cup whatever it is asked; "unicorn" it does not see."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def embed(self, image: Any) -> tuple[int, int]:
        return load_image(image).hw

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        assert prompt is not None and prompt.text is not None
        self.heard.append(prompt.text.phrase)
        mask = rectangle(2, 2, 7, 12, image)
        presence = 0.1 if "unicorn" in prompt.text.phrase else 0.9
        choice = select(mask[None], [1], ["text"], text_mask=mask, presence=presence, policy=policy)
        candidate = Candidate("text", 0, 1.0, None, mask)
        card = SelectionCard(
            (candidate,), mask, choice.winner, None, None, "iou", "similarity", "paper", "Half."
        )
        return Segmentation(choice.mask, choice.verdict, presence, card, "halving")

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        return [self.segment(image, prompt=prompt, policy=policy) for prompt in prompts]


def polygon(x0: int, y0: int, x1: int, y1: int) -> list[int]:
    return [x0, y0, x1, y0, x1, y1, x0, y1]


def instances(*numbers: int) -> dict[str, Any]:
    images = [{"id": n, "file_name": f"{n}.jpg", "height": HW[0], "width": HW[1]} for n in numbers]
    annotations = [
        {"id": 10 + n, "image_id": n, "category_id": 1, "segmentation": [polygon(*BOX)]}
        for n in numbers
    ]
    categories = [{"id": 1, "name": "cup"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def reference(number: int, split: str, *sentences: str | None, **more: Any) -> dict[str, Any]:
    """A reference of image `number`; a sentence in brackets means nothing."""
    said = [
        {"sent_id": i, "sent": str(s).strip("()"), "exist": not str(s).startswith("(")}
        for i, s in enumerate(sentences)
    ]
    common = {"ref_id": number, "image_id": number, "ann_id": 10 + number, "split": split}
    return common | {"sentences": said} | more


def report(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"results/referring-{name}.json").read_text())
    return found


def numbers(found: dict[str, Any], split: str, part: str) -> dict[str, float]:
    masks = next(iter(found["results"].values()))["splits"][split][part]
    return {name: each["value"] for name, each in masks.items()}
