"""The embedded model: its paper pool is what its parts offer when each is asked alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject
from biprompt.data.sources import Shapes
from biprompt.evaluation.biprompt.answers import ask, place_points
from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.cases import cases_of
from biprompt.evaluation.model import click_prompt, load_contender
from biprompt.masks import rle_encode

PHOTO = Path(__file__).parents[3] / "examples" / "chelsea.jpg"


@pytest.mark.parametrize("label", ["cat", "zebra", "flimbrot"])
def test_asked_for_both_it_chooses_as_its_parts_do(label: str) -> None:
    mask = np.zeros((300, 451), bool)
    mask[60:280, 90:330] = True
    target = Shapes(mask.shape, (), (rle_encode(mask),))
    (case,) = cases_of([InteractiveObject(Picture(PHOTO), 1, 1, target, label=label)])
    asking, contender = Asking(("centre",), ("{}",)), load_contender("compact")
    scene = contender.model.embed(PHOTO)
    answers = ask(contender, scene, case, asking)
    assert answers is not None
    (click,) = place_points(case, mask, None, asking).values()
    prompt = click_prompt([click[:2]], [1], text=label)
    both = contender.model.segment(scene, prompt=prompt, policy=answers.policy)
    choice = answers.paper(("centre", "{}")).choose(answers.policy)
    assert (both.verdict, both.card.winner) == (choice.verdict, choice.winner)
    assert (both.mask != choice.mask).mean() < 1e-4  # rounding hangs on what is asked together
