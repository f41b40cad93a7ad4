"""Rules on masks drawn by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.labeling.rules import Rules, apply_rules
from biprompt.masks import rle_area, rle_bbox, rle_decode, rle_encode


def drawn(*rows: str) -> Any:
    return np.array([[char == "#" for char in row] for row in rows])


def answer(id: str, label: str, score: float | None, *rows: str, verdict: str = "found") -> Any:
    rle = rle_encode(drawn(*rows))
    shape = {"mask": rle, "bbox": rle_bbox(rle), "area": rle_area(rle)}
    return {"id": id, "label": label, "score": score, "verdict": verdict, **shape}


CAT = answer("1", "cat", 0.9, "####", "####")
DOG = answer("2", "dog", 0.7, ".##.", "....")
PUP = answer("3", "dog", 0.8, "...#", "...#", verdict="disagree")
NONE = answer("4", "bird", None, "....", "....", verdict="absent")
ALL = [CAT, DOG, PUP, NONE]


def masks(answers: Any) -> dict[str, list[str]]:
    return {
        one["id"]: ["".join(".#"[int(p)] for p in row) for row in rle_decode(one["mask"])]
        for one in answers
    }


def test_left_alone_the_answers_are_the_objects_but_for_what_is_absent() -> None:
    assert apply_rules(ALL, Rules()) == [CAT, DOG, PUP]
    assert apply_rules(ALL, Rules(refused="keep")) == ALL


def test_small_masks_are_left_out_and_empty_ones_always() -> None:
    assert apply_rules(ALL, Rules(min_area=3)) == [CAT]
    empty = answer("5", "cat", 0.9, "....", "....")
    assert apply_rules([empty], Rules()) == [] == apply_rules([empty], Rules(refused="keep"))


def test_masks_the_model_does_not_believe_in_are_left_out_before_they_cover_others() -> None:
    assert apply_rules(ALL, Rules(min_score=0.75)) == [one for one in (CAT, DOG, PUP)
                                                       if one["score"] >= 0.75]  # fmt: skip
    unsure = {**DOG, "score": 0.1}
    unscored = {**PUP, "score": None}
    found = apply_rules([CAT, unsure, unscored], Rules(min_score=0.2, overlap="smaller-on-top"))
    assert masks(found) == masks(apply_rules([CAT, unscored], Rules(overlap="smaller-on-top")))


def test_the_highest_score_takes_the_pixels() -> None:
    assert masks(apply_rules(ALL, Rules(overlap="highest"))) == {"1": ["####", "####"]}


def test_the_smaller_mask_lies_on_top() -> None:
    found = apply_rules(ALL, Rules(overlap="smaller-on-top"))
    assert masks(found) == {
        "1": ["#...", "###."], "2": [".##.", "...."], "3": ["...#", "...#"],
    }  # fmt: skip
    assert found[0]["area"] == 4 and found[0]["bbox"] == [0, 0, 3, 2] and found[1] is DOG


def test_masks_of_one_label_become_one() -> None:
    cat, dogs = apply_rules(ALL, Rules(merge=True))
    assert cat is CAT and masks([dogs]) == {"2": [".###", "...#"]}
    assert dogs["merged"] == ["2", "3"] and dogs["area"] == 4 and dogs["bbox"] == [1, 0, 3, 2]
    assert dogs["score"] == 0.7 and dogs["verdict"] == "disagree"


def test_merged_first_then_cut_then_small_ones_left_out() -> None:
    rules = Rules(overlap="smaller-on-top", merge=True, min_area=5)
    assert masks(apply_rules(ALL, rules)) == {}
    rules = Rules(overlap="smaller-on-top", merge=True, min_area=4, refused="keep")
    assert masks(apply_rules(ALL, rules)) == {
        "1": ["#...", "###."], "2": [".###", "...#"], "4": ["....", "...."],
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"overlap": "most"}, {"refused": "hide"}, {"min_area": -1}, {"min_score": 1.5}]
)
def test_wrong_rules(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Rules(**wrong)
