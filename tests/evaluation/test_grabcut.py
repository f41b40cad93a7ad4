from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from biprompt.data.coco import CocoDataset
from biprompt.errors import PromptError
from biprompt.evaluation.baselines import GRABCUT, GrabCut, grabcut_baselines
from biprompt.evaluation.grabcut import cut_out, opencv_version
from biprompt.io.images import load_image
from biprompt.prompts import Prompt

EXAMPLES = Path(__file__).parents[2] / "examples"
HW = (60, 80)
THING = (20, 15, 55, 45)


@pytest.fixture
def photo() -> np.ndarray:
    """A bright thing before a dark ground, both noisy."""
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    pixels = np.random.default_rng(0).normal((40, 60, 90), 12, (*HW, 3))
    x0, y0, x1, y1 = THING
    pixels[y0:y1, x0:x1] += (140, 120, 90)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def test_finds_the_thing_in_a_wider_box(photo: np.ndarray) -> None:
    x0, y0, x1, y1 = THING
    mask = cut_out(photo, (x0 - 8, y0 - 8, x1 + 8, y1 + 8))
    truth = np.zeros(HW, bool)
    truth[y0:y1, x0:x1] = True
    assert (mask & truth).sum() / (mask | truth).sum() > 0.95


def test_the_same_each_time() -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    cup = load_image(EXAMPLES / "coffee.jpg").pixels[::3, ::3].copy()
    masks = []
    for seed in range(4):
        cv2.setRNGSeed(seed)  # whatever was drawn before; unseeded, hundreds of pixels differ
        masks.append(cut_out(cup, (50, 33, 150, 100)))
    assert all((mask == masks[0]).all() for mask in masks)
    assert 1000 < masks[0].sum() == masks[0][33:100, 50:150].sum()


@pytest.mark.parametrize("box", [(0, 0, 80, 60), (7, 9, 8, 10), (0, 0, 79, 60)])
def test_every_box_is_answered(photo: np.ndarray, box: tuple[int, int, int, int]) -> None:
    mask = cut_out(photo, box)
    if box != (0, 0, 79, 60):
        assert mask.sum() == (box[2] - box[0]) * (box[3] - box[1])


def test_answers_a_box_and_nothing_else(dataset: CocoDataset, photo: np.ndarray) -> None:
    (contender,) = grabcut_baselines()
    assert contender.name == GRABCUT and contender.digest == f"opencv {opencv_version()}"
    scene = contender.model.embed(dataset.images[0].path)
    box = Prompt.build(box=(4.4, 4, 23.6, 28))
    (answer,) = contender.model.segment_many(scene, [box])
    assert answer.mask.shape == (48, 64) and not answer.mask[:, 24:].any()
    for prompt in (None, Prompt.build(points=[(1, 1)])):
        with pytest.raises(PromptError, match="prompt: expected a box, got none"):
            GrabCut().segment(photo, prompt=prompt)


def test_nobody_without_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert opencv_version() is None and grabcut_baselines() == ()
