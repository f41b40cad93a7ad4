"""Numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from biprompt.evaluation.absence import AbsenceRun, summarize
from biprompt.metrics import matthews_correlation


def run(key: str, *answers: tuple[str, int, float | None, int], **more: Any) -> AbsenceRun:
    """(name, there, presence, refused); a mask has two pixels, one of them right if it is there."""
    pixels = [(there * (1 - r), 2 * (1 - r), there) for _, there, _, r in answers]
    return AbsenceRun(
        key=key,
        names=[a[0] for a in answers],
        there=[bool(a[1]) for a in answers],
        presence=[a[2] for a in answers],
        refused=[bool(a[3]) for a in answers],
        pixels=pixels,
        **{"understood": [True] * len(answers)} | more,
    )


TWO = (
    run("a", ("x", 1, 0.8, 0), ("y", 0, 0.4, 0), ("z", 0, None, 1)),
    run("b", ("x", 0, 0.5, 0), ("y", 1, 0.3, 1), ("z", 0, 0.1, 1)),
)


def test_verdicts_by_hand() -> None:
    found = summarize(TWO)
    assert (found["photographs"], found["present"], found["absent"]) == (2, 2, 4)
    assert found["without_score"] == 1
    assert found["n_acc"]["mean"] == 2 / 4 and found["t_acc"]["mean"] == 1 / 2
    assert found["mcc"]["mean"] == 0  # as many right as wrong on both sides
    assert found["n_acc"]["interval"] == [0.5, 0.5]  # in each photograph one of two
    assert found["t_acc"]["interval"] == [0, 1]


def test_scores_by_hand() -> None:
    found = summarize(TWO)
    assert found["auroc"]["mean"] == pytest.approx(4 / 6)  # 0.8 beats three, 0.3 one of three
    assert found["auroc_by_name"] == 0.5  # x is right, y is wrong, z is never there
    assert found["names"]["x"] == {"present": 1, "absent": 1, "n_acc": 0, "t_acc": 1, "auroc": 1}
    assert found["names"]["y"]["auroc"] == 0 and math.isnan(found["names"]["z"]["auroc"])
    balanced = found["thresholds"]["balanced"]  # above 0.5 and up to 0.8: all absent, half present
    assert (balanced["presence"], balanced["n_acc"]["mean"], balanced["t_acc"]["mean"]) == (
        0.7, 1, 0.5
    )  # fmt: skip
    kept = found["thresholds"]["0.9"]  # above 0.1 and up to 0.3
    assert (kept["presence"], kept["t_acc"]["mean"]) == (0.2, 1)
    assert kept["n_acc"]["mean"] == pytest.approx(1 / 3)


def test_masks_by_hand() -> None:
    masks = summarize(TWO)["masks"]
    assert masks["miou"] == (0.5 + 0) / 2
    assert masks["mrr"] == 0.5
    assert masks["riou"] == pytest.approx((1 / (2 + 2) + 0 / (2 + 1)) / 2)
    assert masks["giou"] == pytest.approx((0.5 + 0 + 1 + 0 + 0 + 1) / 6)
    assert masks["ciou"] == pytest.approx(1 / (2 + 2 + 2 + 1))
    assert masks["ch_iou"] == (0.5 + 0) / 2
    assert masks["isi_iou"] == (0.25 + 0) / 2  # y of the first and x of the second cost
    assert masks["mc_iou"] == pytest.approx((0.25 + 0) / 2)  # z is never seen


def test_sentences_belong_to_references() -> None:
    answers = (("s", 1, 0.9, 0), ("t", 0, 0.2, 1), ("u", 1, 0.9, 0), ("v", 0, 0.9, 0))
    found = summarize([run("a", *answers, refs=["1", "1", "2", "2"])])
    assert found["names"] == {} and math.isnan(found["auroc_by_name"])
    assert found["masks"]["mrr"] == (1 + 0) / 2
    assert found["masks"]["riou"] == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert math.isnan(found["masks"]["ch_iou"])
    mixed = [answers[i] for i in (2, 0, 3, 1)]
    again = summarize([run("a", *mixed, refs=["2", "1", "2", "1"])])
    assert again["masks"]["riou"] == found["masks"]["riou"]


def test_words_have_no_part_in_the_numbers() -> None:
    words = run(
        "words: w", ("m", 0, 0.9, 0), ("n", 0, None, 1), words="w", understood=[None, False]
    )
    with_words, without = summarize([*TWO, words]), summarize(TWO)
    assert with_words.pop("understood") == {
        "labels": {"asked": 3, "understood": 3, "others": []},
        "w": {"asked": 2, "understood": 1, "others": ["n"]},
    }
    del without["understood"]
    np.testing.assert_equal(with_words, without)


def test_nothing_measured_is_not_a_number() -> None:
    found = summarize([])
    assert found["photographs"] == 0 and found["thresholds"] == {}
    assert all(math.isnan(found[key]["mean"]) for key in ("auroc", "n_acc", "t_acc"))
    assert math.isnan(found["masks"]["riou"])


def test_nothing_absent_has_no_curve() -> None:
    found = summarize([run("a", ("x", 1, 0.8, 0))])
    assert found["thresholds"] == {} and found["curve"] == [] and math.isnan(found["n_acc"]["mean"])
    assert found["t_acc"]["mean"] == 1


@pytest.mark.parametrize("seed", range(10))
def test_matthews_is_the_correlation_of_two_columns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    there, answered = rng.random(50) < 0.3, rng.random(50) < 0.5
    counts = [
        int(((there == t) & (answered == a)).sum()) for t, a in ((1, 1), (0, 1), (1, 0), (0, 0))
    ]
    assert matthews_correlation(*counts) == pytest.approx(np.corrcoef(there, answered)[0, 1])
    assert matthews_correlation(3, 4, 0, 0) == matthews_correlation(0, 0, 0, 0) == 0
