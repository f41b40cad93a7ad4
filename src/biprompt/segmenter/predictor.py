"""The calls of Segment Anything's `SamPredictor` over any of our models.

For programs that were written for it: the names, shapes and ranges are those of its repository
(facebookresearch/segment-anything). Unlike everything else here it holds the image it was set to,
so it serves one thread; new programs ask a `Segmenter`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError, PromptError
from biprompt.experts.spatial import covered
from biprompt.geometry import fit_longest, masks_from_logits
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Source
from biprompt.runtime.base import ImageEmbedding
from biprompt.segmenter.core import Segmenter

LOW_SIDE = 256
"""Side of the low-resolution masks: the image's longer side, padded to a square below or right."""
SURE = 10.0
"""Logit of a cell that a mask covers fully; of one it does not touch, its negative."""

Predicted = tuple[NDArray[Any], NDArray[np.float32], NDArray[np.float32]]


class SamPredictor:
    """Answers as `segment_anything.SamPredictor` does.

    Args:
        model: any segmenter that is pointed with.
    """

    mask_threshold = 0.0

    def __init__(self, model: Segmenter) -> None:
        """Hold no image yet."""
        self.model = model
        self._scene: ImageEmbedding | None = None

    @property
    def is_image_set(self) -> bool:
        """Whether there is an image to ask about."""
        return self._scene is not None

    @property
    def original_size(self) -> tuple[int, int]:
        """Height and width of the image; InputError without one."""
        return self._looked().frame.original_hw

    def set_image(self, image: NDArray[np.uint8], image_format: str = "RGB") -> None:
        """Look at an image ``(H, W, 3)`` uint8; `image_format` is "RGB" or "BGR".

        Raises:
            InputError: another format.
            ImageError: it is no image.
        """
        if image_format not in ("RGB", "BGR"):
            raise InputError("image format", expected="RGB or BGR", actual=repr(image_format))
        pixels = np.asarray(image)
        self._scene = self.model.embed(pixels if image_format == "RGB" else pixels[..., ::-1])

    def reset_image(self) -> None:
        """Forget the image."""
        self._scene = None

    def predict(
        self, point_coords: ArrayLike | None = None, point_labels: ArrayLike | None = None,
        box: ArrayLike | None = None, mask_input: ArrayLike | None = None,
        multimask_output: bool = True, return_logits: bool = False,
    ) -> Predicted:  # fmt: skip
        """Answer a prompt.

        Args:
            point_coords: ``(N, 2)`` clicks ``(x, y)`` in pixels of the image.
            point_labels: ``(N,)`` 1 adds, 0 removes.
            box: ``x0, y0, x1, y1``.
            mask_input: ``(1, 256, 256)`` logits, as an earlier call gave them.
            multimask_output: all candidates; else the one that our gate chooses.
            return_logits: masks as numbers, above 0 inside, instead of bool.

        Returns:
            Masks ``(C, H, W)`` bool, or float32 with `return_logits`; their predicted IoU ``(C,)``;
            and low-resolution logits ``(C, 256, 256)``, worked out from the masks.

        Raises:
            InputError: no image is set.
            PromptError: the prompt is malformed, outside the image, or not one the model takes.
        """
        scene = self._looked()
        xyxy = None if box is None else np.asarray(box, np.float64).reshape(-1)
        prompt = Prompt.build(
            points=point_coords, labels=point_labels, box=xyxy,
            mask=None if mask_input is None else _mask(mask_input, scene.frame.original_hw),
        )  # fmt: skip
        (answer,) = self.model.segment_many(scene, [prompt])
        masks, scores = _candidates(answer) if multimask_output else _chosen(answer)
        low = np.stack([_low(mask) for mask in masks])
        if return_logits:
            return np.where(masks, np.float32(SURE), np.float32(-SURE)), scores, low
        return masks, scores, low

    def _looked(self) -> ImageEmbedding:
        if self._scene is None:
            raise InputError("image", expected="set_image to be called first", actual="no image")
        return self._scene


def _candidates(answer: Segmentation) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """What was proposed for the pointing."""
    found = [one for one in answer.card.candidates if one.source == Source.POINT]
    if not found:
        return _chosen(answer)
    return np.stack([one.mask for one in found]), np.array([one.score for one in found], np.float32)


def _chosen(answer: Segmentation) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    winner = answer.card.winner
    score = 0.0 if winner is None else answer.card.candidates[winner].score
    return answer.mask[None], np.array([score], np.float32)


def _low(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    h, w = fit_longest(_hw(mask), LOW_SIDE)
    low = np.full((LOW_SIDE, LOW_SIDE), -SURE, np.float32)
    if mask.any():
        low[:h, :w] = (2 * covered(mask, (h, w)) - 1) * SURE
    return low


def _mask(low: ArrayLike, hw: tuple[int, int]) -> NDArray[np.bool_]:
    logits = np.asarray(low, np.float32)
    if logits.shape not in ((1, LOW_SIDE, LOW_SIDE), (LOW_SIDE, LOW_SIDE)):
        expected = f"shape (1, {LOW_SIDE}, {LOW_SIDE})"
        raise PromptError("mask input", expected=expected, actual=f"shape {logits.shape}")
    h, w = fit_longest(hw, LOW_SIDE)
    return masks_from_logits(logits.reshape(LOW_SIDE, LOW_SIDE)[:h, :w], hw)


def _hw(mask: NDArray[np.bool_]) -> tuple[int, int]:
    return mask.shape[0], mask.shape[1]
