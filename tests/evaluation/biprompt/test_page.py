"""Reports of data in the official layouts, read as a person reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from biprompt.evaluation.biprompt import Asking
from biprompt.evaluation.biprompt.opening import open_study
from biprompt.evaluation.page import Chart
from biprompt.evaluation.run import evaluate

ASKING = Asking(("centre", "edge"), ("{}", "flimbrot {}", "flimbrot"), 0.5)


@pytest.fixture
def report(see: Any, tmp_path: Path) -> Any:
    """Return a function that measures a data set: the page, and the JSON report."""

    def report(root: Path, dataset: str = "coco-folder", **given: Any) -> tuple[str, Any]:
        study = open_study(root, dataset, asking=ASKING, **given)
        page, values, html = evaluate(study, see.load_seeing, tmp_path / "out")
        assert html.read_bytes().startswith(b"<!doctype html>")
        return page.read_text(), json.loads(values.read_text())

    return report


def cells(page: str, start: str) -> list[str]:
    """The cells of the first row that starts like this."""
    line = next(line for line in page.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_labelled_folder(see: Any, report: Any, tmp_path: Path) -> None:
    things = [("cup", (10, 10, 30, 30)), ("dog", (40, 10, 60, 40))]
    page, values = report(see.folder(tmp_path / "photos", {"a.png": things}))
    assert page.startswith("# BiPrompt: `seeing` on photos\n")
    assert "| disk round the click: own pick |" in page and "whole image: own pick" in page
    assert "whole image: best" not in page  # it has one candidate
    assert cells(page, "click + words, gate, pool=paper")[1] == "1.000 [1.000, 1.000]"
    assert cells(page, "edge")[1:3] == ["0.825", "1.000"]  # the click's own pick, the best
    assert "- pool=paper: no weights are better than IoU only (0, 0, 1), as the paper found" in page
    ours = cells(page, "**seeing: click + name, pool=paper**")
    assert ours[1:3] == ["100.00", "100.00"] and ours[-1] == "other data: photos, by object"
    assert "ours below them of photos" in page and "| BiPrompt-SAM | 89.55 | 81.46 |" in page
    assert "## By class and frame" not in page and "frames" not in values["results"]["seeing"]
    assert set(values["results"]) == {"seeing", "disk round the click", "whole image"}


def test_words_that_are_not_understood_are_seen_to_be(
    see: Any, report: Any, tmp_path: Path
) -> None:
    page, _ = report(see.folder(tmp_path / "photos", {"a.png": [("cup", (10, 10, 30, 30))]}))
    assert "**The model understands nothing of `flimbrot`**" in page
    assert cells(page, "`flimbrot`")[1:4] == ["**no**", "100.0 %", "0.000"]
    assert cells(page, "`flimbrot {}`")[1:4] == ["100.0 %", "0.0 %", "1.000"]


def test_endovis17_by_class_and_frame(see: Any, report: Any, tmp_path: Path) -> None:
    root = see.endovis(tmp_path / "endovis")
    page, values = report(root, "endovis17-objects", split="fold0")
    found = values["results"]["seeing"]
    assert (found["objects"], found["left_out"]) == (2, 2)
    assert (found["frames"]["frames"], values["settings"]["by_class"]) == (1, True)
    alone = (800 / 1200 + 400 / 1200) / 2  # the name means both forceps, compared with each
    assert found["iou"]["text"]["mean"] == pytest.approx(alone)
    assert found["frames"]["iou"]["text"]["mean"] == 1.0  # compared with both together
    own = (38 * 18 + 18 * 18) / 1200
    assert found["frames"]["iou"]["click_own"]["mean"] == pytest.approx(own, abs=1e-6)
    assert found["frames"]["by_name"]["prograsp forceps"]["frames"] == 1
    assert "## By class and frame" in page and "The paper does not say" in page
    rows = [line for line in page.splitlines() if line.startswith("| **seeing: name alone**")]
    readings = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert [row[2] for row in readings] == ["100.00", "50.00"]
    assert readings[0][-1] == "endovis17-objects-fold0, by class and frame"
    assert "other data" not in page and "not their heights" not in page


def test_refcoco_by_sentence(see: Any, report: Any, tmp_path: Path) -> None:
    page, values = report(see.refcoco(tmp_path / "refcoco"), "refcoco")
    found = values["results"]["seeing"]
    assert (found["objects"], values["data"]["name"]) == (2, "refcoco-val")
    assert found["iou"]["text"]["mean"] == pytest.approx(400 / 1000)
    rows = [line for line in page.splitlines() if "click + sentence, pool=wide" in line]
    first = [cell.strip() for cell in rows[0].strip("|").split("|")]
    assert first[1:5] == ["100.0", "-", "-", "-"] and first[-1] == "mIoU, refcoco-val"
    assert "cIoU, refcoco-val" in rows[1]
    assert "click + name" not in page and "judged too low" not in page


def test_nothing_to_point_at(see: Any, report: Any, tmp_path: Path) -> None:
    root = see.endovis(tmp_path / "endovis")
    for mask in (root / "train").glob("*/ground_truth/*/*.png"):
        see.paint(mask, {}, (1080, 1920))
    page, values = report(root, "endovis17-objects", split="fold0")
    assert "Nothing in these data can be pointed at." in page and "## The paper's tables" in page
    found = values["results"]["seeing"]
    assert (found["objects"], found["left_out"], found["frames"]["frames"]) == (0, 4, 0)


def test_the_charts(see: Any, tmp_path: Path) -> None:
    study = open_study(
        see.folder(tmp_path / "photos", {"a.png": [("cup", (1, 1, 9, 9))]}), asking=ASKING
    )
    contender = see.load_seeing()
    (task,) = study.tasks(())
    found = study.summarize(list(study.measure(contender, task)))
    run = {"date": "", "commit": "", "model": {"name": "", "digest": ""}, "machine": "", "limit": 1}
    run |= {"python": "", "packages": {}, "command": ""}
    settings = study.settings(contender)
    data = {"name": "photos", "digest": ""}
    page = study.page({"run": run, "results": {"x": found}, "settings": settings, "data": data})
    answers, points, words, weights = (block for block in page.blocks if isinstance(block, Chart))
    assert points.series[0].x == ("centre", "edge") and words.series[0].x == ASKING.templates
    assert answers.kind == "bar" and weights.kind == "line"
    assert weights.series[0].x == (0.0, 0.5, 1.0)  # one place for weights of one share
