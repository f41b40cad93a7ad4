"""Numbers worked out by hand from records that were made up."""

from __future__ import annotations

from typing import Any

import pytest

from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.frames import summarize_frames
from biprompt.evaluation.biprompt.rows import MAIN, point_row, template_row, weights_row
from biprompt.evaluation.biprompt.runs import DualRun
from biprompt.evaluation.biprompt.summary import summarize

ASKING = Asking(("centre", "edge"), ("{}", "thing"), 0.5)
TRUTH = 100


def inside(pixels: int) -> list[int]:
    """So many pixels of the truth and no other: IoU pixels / 100."""
    return [pixels, pixels]


def run(key: str, own: int, paper: int, wide: int, **more: Any) -> DualRun:
    gated = {"gate_paper": inside(paper), "gate_wide": inside(wide)}
    main = {"click_own": inside(own), "click_best": inside(90), "text": [50, 150], **gated}
    said = {"text": [50, 150], **gated}
    names = ("0, 0, 1", "0, 0.5, 0.5", "0, 1, 0", "0.5, 0, 0.5", "0.5, 0.5, 0", "1, 0, 0")
    weighed = dict.fromkeys(names, inside(own)) | {"0, 0, 1": inside(paper)}
    counts = {
        MAIN: main,
        point_row("centre"): main,
        point_row("edge"): main | {"click_own": inside(0)},
        template_row("{}"): said,
        template_row("thing"): said | {"text": [0, 0]},
        weights_row("paper"): weighed,
        weights_row("wide"): weighed,
    }
    values: dict[str, Any] = {
        "label": "cup",
        "image": key[:1],
        "truth": TRUTH,
        "counts": counts,
        "candidates": [[own, own, own / 100], [90, 90, 0.9]],
        "picked": {"own": own == 90, "gate_paper": paper == 90, "gate_wide": True},
        "winner": "joint",
        "verdicts": {"text": "found", "gate_paper": "found", "gate_wide": "disagree"},
        "words": {
            "{}": {"presence": 0.9, "understood": True, "verdict": "found"},
            "thing": {"presence": None, "understood": False, "verdict": "absent"},
        },
    }
    return DualRun(key, **(values | more))


def summary() -> dict[str, Any]:
    nothing = DualRun("z#1", "cup", "z")
    joined = run("z cup", 0, 0, 0, joined=3)
    return summarize([run("a#1", 50, 90, 80), run("b#1", 60, 50, 80), nothing, joined], ASKING)


def test_means_and_paired_differences() -> None:
    found = summary()
    assert (found["objects"], found["left_out"]) == (2, 1)
    assert found["iou"]["click_own"]["mean"] == pytest.approx(0.55)
    assert found["iou"]["text"]["mean"] == pytest.approx(50 / 200)
    assert found["dice"]["text"]["mean"] == pytest.approx(100 / 250)
    assert found["dice"]["click_own"]["mean"] == pytest.approx((100 / 150 + 120 / 160) / 2)
    assert found["ciou"]["text"] == pytest.approx(100 / 400)
    assert found["ciou"]["click_own"] == pytest.approx(110 / 200)
    gain = found["gain"]["gate_paper - click_own"]
    assert gain["mean"] == pytest.approx(0.15)
    assert gain["interval"] == pytest.approx([-0.1, 0.4])
    assert found["gain"]["gate_wide - gate_paper"]["mean"] == pytest.approx(0.1)


def test_what_was_picked_and_said() -> None:
    found = summary()
    assert found["picked_best"] == {"own": 0.0, "gate_paper": 0.5}
    assert found["picked_best_of_wide"] == 1.0
    assert found["winners"] == {"joint": 2}
    assert found["verdicts"]["gate_wide"] == {"disagree": 2}
    assert found["understood"] == 1.0
    assert found["score_correlation"] == pytest.approx(1.0)


def test_points_templates_and_weights() -> None:
    found = summary()
    edge = found["points"]["edge"]
    assert edge["iou"]["click_own"]["mean"] == 0
    assert edge["gain"]["gate_paper"]["mean"] == pytest.approx(0.7)
    name, thing = found["templates"].values()
    assert (name["understood"], name["absent"]) == (1.0, 0.0)
    assert (thing["understood"], thing["absent"]) == (0.0, 1.0)
    assert thing["iou"]["text"]["mean"] == 0
    assert thing["gain"]["gate_paper"]["mean"] == pytest.approx(0.15)  # over the main click
    weights = found["weights"]["paper"]
    assert weights["0, 0, 1"]["iou"]["mean"] == pytest.approx(0.7)
    assert weights["0, 0.5, 0.5"]["above_iou_only"]["mean"] == pytest.approx(-0.15)
    assert len(weights) == 6


def test_a_model_that_cannot_tell_is_not_said_to_understand() -> None:
    silent = {"presence": None, "understood": None, "verdict": "found"}
    words = {"{}": silent, "thing": silent}
    found = summarize([run("a#1", 50, 90, 80, words=words)], ASKING)
    assert found["templates"]["thing"]["understood"] is None
    assert found["understood"] == 1.0


def test_of_nothing_and_of_a_baseline() -> None:
    assert summarize([], ASKING)["objects"] == 0
    clicked = {"click_own": inside(10), "click_best": inside(20)}
    counts = {MAIN: clicked, point_row("centre"): clicked, point_row("edge"): clicked}
    bare = DualRun("a#1", "cup", "a", None, TRUTH, counts, picked={"own": False})
    found = summarize([bare], ASKING)
    assert set(found["iou"]) == {"click_own", "click_best"}
    assert found["templates"] == {} and found["gain"] == {} and found["picked_best"] == {"own": 0}
    assert found["weights"] == {"paper": {}, "wide": {}}


def test_frames_are_means_over_their_classes() -> None:
    runs = [
        run("a cup", 50, 90, 80, joined=2),
        run("a dog", 60, 50, 80, joined=1, label="dog"),
        run("b cup", 20, 30, 40, joined=1),
        DualRun("b dog", "dog", "b", joined=0),  # out of sight
        run("b#1", 0, 0, 0),  # a single object
    ]
    found = summarize_frames(runs, ASKING)
    assert found["frames"] == 2
    assert found["iou"]["click_own"]["mean"] == pytest.approx((0.55 + 0.2) / 2)
    assert found["iou"]["gate_paper"]["mean"] == pytest.approx((0.7 + 0.3) / 2)
    assert found["iou"]["click_own"]["interval"] == pytest.approx([0.2, 0.55])
    assert {name: each["frames"] for name, each in found["by_name"].items()} == {"cup": 2, "dog": 1}
    assert found["by_name"]["cup"]["iou"]["click_own"] == pytest.approx(0.35)
    assert found["mean_over_names"]["iou"]["click_own"] == pytest.approx((0.35 + 0.6) / 2)
    dice = (2 * 50 / 150 + 2 * 60 / 160) / 2
    assert found["dice"]["click_own"]["mean"] == pytest.approx((dice + 2 * 20 / 120) / 2)
    assert found["points"]["edge"]["iou"]["click_own"]["mean"] == 0
    assert summarize_frames([], ASKING)["frames"] == 0
