from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from biprompt.data.coco import CocoAnnotation, CocoDataset
from biprompt.errors import DataError, InputError
from biprompt.evaluation.composition import KINDS, checked_kinds, draw
from biprompt.masks import bbox_xyxy, rle_encode
from biprompt.metrics import subsets
from biprompt.prompts import Prompt


def drawn(annotation: CocoAnnotation) -> tuple[Any, Any, str]:
    return annotation.mask(), annotation.ignore_mask(), annotation.label


def kinds_of(prompt: Prompt) -> set[str]:
    asked = {
        "click": prompt.points,
        "box": prompt.box,
        "text": prompt.text,
        "scribble": prompt.scribbles,
    }
    return {kind for kind, value in asked.items() if value}


def test_every_set_of_kinds_is_one_prompt(dataset: CocoDataset) -> None:
    prompts = draw(*drawn(dataset.images[0].annotations[0]), KINDS)
    assert list(prompts) == subsets(KINDS) and len(prompts) == 15
    for name, prompt in prompts.items():
        assert kinds_of(prompt) == set(name.split("+"))


def test_prompts_are_drawn_from_the_truth(dataset: CocoDataset, tools: Any) -> None:
    annotation = dataset.images[0].annotations[0]
    truth = annotation.mask()
    prompt = draw(*drawn(annotation), KINDS)["click+box+text+scribble"]
    prompt.check_frame(truth.shape)
    assert prompt.points is not None and prompt.box is not None and prompt.text is not None
    (x, y), label = prompt.points.xy[0].astype(int), prompt.points.labels[0]
    assert truth[y, x] and label == 1
    assert prompt.box.xyxy.tolist() == bbox_xyxy(truth)
    assert prompt.text.phrase == annotation.label
    columns, rows = prompt.scribbles[0].xy.astype(int).T
    assert truth[rows, columns].all()


def test_ignored_pixels_are_never_pointed_at(tools: Any) -> None:
    truth, ignored = tools.rectangle((4, 4, 40, 20)), tools.rectangle((4, 4, 40, 14))
    annotation = CocoAnnotation(
        1, "cup", rle_encode(truth), (4, 4, 40, 20), 576, ignore=rle_encode(ignored)
    )
    prompts = draw(*drawn(annotation), KINDS)
    assert prompts["click"].points is not None
    assert prompts["click"].points.xy[0, 1] >= 14
    assert prompts["scribble"].scribbles[0].xy[:, 1].min() >= 14
    assert prompts["box"].box is not None and prompts["box"].box.xyxy[1] == 4


def test_without_a_pixel_there_is_no_prompt() -> None:
    assert draw(np.zeros((48, 64), bool), None, "cup", KINDS) == {}


def test_words_of_what_has_no_name_are_an_error() -> None:
    with pytest.raises(DataError, match="expected a label, as words are asked, got none"):
        draw(np.ones((48, 64), bool), None, None, KINDS)


def test_kinds_keep_their_order() -> None:
    assert checked_kinds(["text", "click"]) == ("click", "text")
    assert checked_kinds(KINDS) == KINDS


@pytest.mark.parametrize("given", [[], ["click"], ["click", "nod"], ["click", "click"]])
def test_wrong_kinds(given: list[str]) -> None:
    with pytest.raises(InputError, match="kinds of prompts: expected two or more of click, box"):
        checked_kinds(given)
