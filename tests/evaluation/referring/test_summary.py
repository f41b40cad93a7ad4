"""Numbers by hand, and beside a few lines that count pixels as the papers' code does."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from biprompt.evaluation.referring.kinds import kinds_of
from biprompt.evaluation.referring.ratios import Ratio, with_intervals
from biprompt.evaluation.referring.records import ReferringRun
from biprompt.evaluation.referring.summary import summarize
from biprompt.metrics import bootstrap_statistic

PIXELS = 1000


def run(key: str, counts: tuple[int, int, int], **more: Any) -> ReferringRun:
    """A record of (intersection, prediction, truth)."""
    values = {"split": "val", "image": "1", "phrase": "left cup", "label": "", "same": None}
    values |= {"refused": counts[1] == 0, "pixels": PIXELS} | more
    names = ("intersection", "prediction", "truth")
    return ReferringRun(key, **values, **dict(zip(names, counts, strict=True)))


FOUR = [
    run("val/1#0", (80, 90, 90), hit=True),  # 80 of 100
    run("val/1#1", (50, 100, 50), hit=False),  # exactly a half
    run("val/2#0", (0, 0, 100), image="2", hit=False),
    run("val/3#0", (0, 0, 0), image="3"),  # nothing there, nothing said
]


def numbers(runs: Sequence[ReferringRun], **options: Any) -> dict[str, Any]:
    found = summarize(runs, ["val"], **({"refusing": False} | options))
    (each,) = found["splits"].values()
    return dict(each)


def values(found: dict[str, Any]) -> dict[str, float]:
    return {name: each["value"] for name, each in found.items()}


def test_by_hand() -> None:
    found = numbers(FOUR)
    always = values(found["always"])
    assert (found["questions"], found["images"], found["no_target"]) == (4, 3, 1)
    assert always["ciou"] == 130 / 300
    assert always["giou"] == always["miou"] == (0.8 + 0.5 + 0 + 1) / 4
    assert [always[f"p{p}"] for p in (50, 60, 70, 80, 90)] == [0.75, 0.5, 0.5, 0.5, 0.25]
    assert found["point_m"]["value"] == 1 / 3
    assert found["refused"]["value"] == 0.5


def test_refusals_by_hand() -> None:
    """Of three targets one is refused, of two absent things one."""
    runs = [
        run("val/1#0", (80, 90, 90), refused=False),
        run("val/1#1", (50, 100, 50), refused=True),
        run("val/2#0", (0, 0, 100), image="2"),
        run("val/3#0", (0, 0, 0), image="3"),
        run("val/3#1", (0, 300, 0), image="3", refused=False),
    ]
    found = numbers(runs, refusing=True)
    always, refusing = values(found["always"]), values(found["refusing"])
    assert refusing["ciou"] == 80 / (100 + 50 + 100 + 0 + 300)
    assert always["ciou"] == 130 / (100 + 100 + 100 + 0 + 300)
    assert refusing["giou"] == pytest.approx((0.8 + 0 + 0 + 1 + 0) / 5)
    assert refusing["miou"] == pytest.approx(0.8 / 3), "over targets alone"
    assert [refusing["p50"], refusing["p80"], refusing["p90"]] == [1 / 3, 1 / 3, 0]
    assert always["p50"] == 2 / 3
    assert (found["n_acc"]["value"], found["t_acc"]["value"]) == (0.5, 1 / 3)


def official(runs: Sequence[ReferringRun]) -> dict[str, float]:
    """ReLA's evaluation in its own order of steps: sums by hand, refusals by their flag."""
    inter = union = iou_sum = 0.0
    right: dict[int, int] = defaultdict(int)
    tp = tn = fp = fn = 0
    for each in runs:
        both = each.prediction + each.truth - each.intersection
        if each.truth == 0 and each.refused:
            tp, iou_sum = tp + 1, iou_sum + 1
        elif each.truth == 0:
            fn, union = fn + 1, union + both
        else:
            i = 0 if each.refused else each.intersection
            u = each.truth if each.refused else both
            tn, fp = tn + (not each.refused), fp + each.refused
            inter, union, iou_sum = inter + i, union + u, iou_sum + i / u
            for percent in (50, 60, 70, 80, 90):
                right[percent] += i / u >= percent / 100
    found = {f"p{p}": n / (tn + fp) for p, n in right.items()}
    found |= {"ciou": inter / union, "giou": iou_sum / len(runs)}
    return found | {"n_acc": tp / (tp + fn), "t_acc": tn / (tn + fp)}


def many(count: int = 300) -> list[ReferringRun]:
    rng = np.random.default_rng(5)
    runs = []
    for number in range(count):
        truth = int(rng.integers(1, 400)) * int(rng.random() < 0.7)
        prediction = int(rng.integers(1, 400)) * int(rng.random() < 0.9)
        inter = int(rng.integers(0, min(truth, prediction) + 1))
        refused = prediction == 0 or bool(rng.random() < 0.3)
        more = {"image": str(rng.integers(40)), "refused": refused}
        runs.append(run(f"val/{number}#0", (inter, prediction, truth), **more))
    return runs


def test_beside_the_papers_own_code() -> None:
    runs = many()
    found, expected = numbers(runs, refusing=True), official(runs)
    for name in ("n_acc", "t_acc"):
        assert found[name]["value"] == pytest.approx(expected.pop(name), abs=1e-12)
    for name, value in expected.items():
        assert found["refusing"][name]["value"] == pytest.approx(value, abs=1e-12), name


def test_intervals_draw_images_with_all_their_questions() -> None:
    runs = many()
    images = sorted({each.image for each in runs}, key=[r.image for r in runs].index)
    groups = [[r.overlap(refusing=True) for r in runs if r.image == image] for image in images]

    def ciou(drawn: Any) -> float:
        chosen = [each for place in drawn for each in groups[place]]
        return sum(each.intersection for each in chosen) / sum(each.union for each in chosen)

    expected = bootstrap_statistic(len(groups), ciou)
    found = numbers(runs, refusing=True)["refusing"]["ciou"]["interval"]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_one_image_has_no_interval() -> None:
    one = {"a": Ratio(0.5, [0, 0], [1, 0]), "b": Ratio(0.25, [0, 1], [1, 0], [2, 2])}
    found = with_intervals(one, 2)
    assert found["a"]["value"] == 0.5 and all(map(math.isnan, found["a"]["interval"]))
    assert found["b"]["interval"] == [0, 0.5]
    assert with_intervals({}, 0) == {}


def test_splits_stand_apart() -> None:
    runs = [*FOUR, run("testA/9#0", (1, 1, 2), split="testA")]
    found = summarize(runs, ["val", "testA", "testB"], refusing=False)
    assert list(found["splits"]) == ["val", "testA", "testB"]
    assert [each["questions"] for each in found["splits"].values()] == [4, 1, 0]
    assert found["splits"]["testA"]["always"]["ciou"]["value"] == 0.5
    assert math.isnan(found["splits"]["testB"]["always"]["giou"]["value"])
    assert (found["questions"], found["images"], found["counted"]) == (5, 3, "always")


def test_what_was_not_asked_counts_nowhere() -> None:
    runs = [
        *FOUR,
        run("val/4#0", (0, 0, 0), asked=False),
        run("val/5#0", (0, 0, 50), unread="phrase: too long", hit=False),
        run("val/6#0", (0, 0, 50), understood=False, hit=False),
    ]
    found = summarize(runs, ["val"], refusing=False)
    assert (found["left_out"], found["unread"], found["not_understood"]) == (1, 1, 1)
    assert found["questions"] == 6
    assert found["splits"]["val"]["always"]["giou"]["value"] == 2.3 / 6


def test_kinds() -> None:
    runs = [
        run("a", (1, 1, 9), phrase="cup"),
        run("b", (1, 1, 10), phrase="the cup on the left"),
        run("c", (1, 1, 400), phrase=" ".join("x" * 21)),
        run("d", (0, 0, 0), phrase="[semantic] dog", label="dog", same=0),
        run("e", (1, 1, 99), phrase="[semantic] dog", label="dog", same=7),
        run("f", (1, 1, 250), phrase="[semantic] cat", label="cat", same=1),
    ]
    assert kinds_of(runs) == {
        "words": {"1": [0], "4 to 5": [1], "over 20": [2]},
        "size": {"under 1 %": [0], "1 to 4 %": [1], "4 to 10 %": [4], "over 25 %": [2, 5]},
        "same": {"0": [3], "1": [5], "4 or more": [4]},
        "class": {"cat": [5], "dog": [3, 4]},
    }
    assert kinds_of([]) == {}


def test_kinds_have_numbers_of_their_own() -> None:
    runs = [
        run("a", (10, 20, 10), label="dog"),
        run("b", (30, 40, 40), image="2", label="dog"),
        run("c", (0, 5, 5), image="2", label="cat"),
    ]
    found = summarize(runs, ["val"], refusing=False)
    dog = found["kinds"]["class"]["dog"]
    assert dog["questions"] == 2
    assert dog["ciou"]["value"] == 40 / 70 and dog["giou"]["value"] == pytest.approx(0.55)
    assert found["class_mean"] == {"ciou": 20 / 70, "giou": pytest.approx(0.275)}


def test_classes_that_no_image_shows() -> None:
    """One is never found, which is right and no IoU; one is found where it is not."""
    runs = [
        run("a", (10, 20, 10), label="dog"),
        run("b", (0, 0, 0), label="cat"),
        run("c", (0, 5, 0), label="cow"),
    ]
    found = summarize(runs, ["val"], refusing=True)
    assert found["class_mean"] == {"ciou": (0.5 + 0) / 2, "giou": (0.5 + 1 + 0) / 3}
    assert list(found["kinds"]["class"]) == ["dog"]


def test_references_of_r_refcoco() -> None:
    """Per reference: the share refused, the mean IoU, and intersections over all unions."""
    runs = [
        run("val/1#0", (50, 100, 50), refused=False),
        run("val/1#1", (0, 0, 0)),
        run("val/1#2", (0, 100, 0), refused=False),
        run("val/2#0", (30, 30, 30), refused=False),
        run("val/2#1", (0, 60, 0), refused=True),
    ]
    found = numbers(runs, refusing=True, robust=True)["robust"]
    assert found["mrr"] == (0.5 + 1) / 2
    assert found["miou"] == (0.5 + 1) / 2
    assert found["riou"] == (50 / 200 + 1) / 2
    assert "robust" not in numbers(runs, refusing=True)


def test_of_nothing() -> None:
    found = summarize([], ["val"], refusing=True)
    each = found["splits"]["val"]
    assert (found["questions"], each["questions"], found["kinds"]) == (0, 0, {})
    assert all(math.isnan(each[name]["value"]) for name in ("n_acc", "t_acc", "point_m"))
