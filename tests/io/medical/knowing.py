"""A model that knows the truth about one scan: what it gets wrong is the package's fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard, Verdict
from biprompt.segmenter.volumes import Scan
from biprompt.selection import Policy

Bool = NDArray[np.bool_]


class Knowing:
    """Recognises a slice by its picture, and outlines the organ that is meant on it.

    Args:
        scan: what it knows.
        labels: (I, J, K) organs by number.
        names: of the organs, from number 1.
    """

    name = "knowing"
    policy = Policy()

    def __init__(self, scan: Scan, labels: NDArray[np.uint8], names: Sequence[str] = ()) -> None:
        stack = scan.stack(labels)
        seen = [i for i in range(scan.count) if scan.seen(i) is not None]
        self.slices = {scan.picture(i).tobytes(): i for i in seen}
        assert len(self.slices) == len(seen), "two slices look the same"
        self.truth = [np.ascontiguousarray(plane) for plane in stack]
        self.names = list(names)
        self.asked: list[tuple[int, Prompt]] = []
        self.score: Callable[[int], float] = lambda index: 0.9
        self.spoil: Callable[[int, Bool], Bool] = lambda index, mask: mask

    def segment(self, image: Any, *, prompt: Prompt) -> Segmentation:
        index = self.slices[image.tobytes()]
        self.asked.append((index, prompt))
        prompt.check_frame(image.shape[:2])
        number = self._meant(self.truth[index], prompt)
        mask = self.spoil(index, (self.truth[index] == number) & (number > 0))
        there = bool(mask.any())
        words = prompt.text is not None
        card = SelectionCard(
            candidates=(Candidate("point", 0, self.score(index), None, mask),),
            text_mask=None, winner=0 if there else None, similarity=None, margin=None,
            metric="iou", policy="similarity", pool="paper",
            reason="It is there." if there else "It is not there.",
        )  # fmt: skip
        return Segmentation(
            mask=mask, verdict=Verdict.FOUND if there else Verdict.ABSENT,
            presence=(0.9 if there else 0.1) if words else None, card=card, model=self.name,
            phrase=prompt.text.phrase if prompt.text else None, image=image,
        )  # fmt: skip

    def embed(self, image: Any) -> Any:
        return image

    def segment_many(self, image: Any, prompts: Any, *, policy: Policy) -> list[Segmentation]:
        return [self.segment(image, prompt=prompt) for prompt in prompts]

    def _meant(self, truth: NDArray[np.uint8], prompt: Prompt) -> int:
        if prompt.text is not None:
            name = prompt.text.phrase
            return self.names.index(name) + 1 if name in self.names else 0
        if prompt.mask is not None:
            inside = truth[prompt.mask.mask]
        elif prompt.points is not None:
            x, y = prompt.points.xy[0].astype(int)
            inside = truth[y : y + 1, x]
        else:
            assert prompt.box is not None
            x0, y0, x1, y1 = prompt.box.xyxy.astype(int)
            inside = truth[y0:y1, x0:x1]
        counts = np.bincount(inside.ravel(), minlength=2)
        return int(counts[1:].argmax()) + 1 if counts[1:].any() else 0
