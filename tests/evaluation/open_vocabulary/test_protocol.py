"""Two photographs in Pascal VOC's layout, by hand.

Maps of `seeing` (A aeroplane, S sheep, B bird, C cat, - background; x does not count):

    photograph 1   truth  - - A A x   found  S S A A A      photograph 2   truth  B B B - -
                          S S A A -          S S A A A                     found  B B C - -
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from tests.data.readers.conftest import Disk
from tests.evaluation.guessing import guessing
from tests.evaluation.open_vocabulary.colours import Seeing, seeing, write

from biprompt.errors import DataError, InputError
from biprompt.evaluation.open_vocabulary import MapRun, OpenVocabulary, open_study
from biprompt.evaluation.run import How, evaluate, measure
from biprompt.segmenter.classes import ClassRules


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(Disk(tmp_path / "voc"))


def records(study: OpenVocabulary, *, semantic: bool = False) -> tuple[list[MapRun], Seeing]:
    contender = seeing(semantic=semantic)
    runs = measure(study, contender, lambda: contender, None)
    assert isinstance(contender.model, Seeing)
    return runs, contender.model


def test_numbers_by_hand(root: Path) -> None:
    study = open_study(root, "pascal-voc", unseen=["sheep", "bird"])
    found = study.summarize(records(study)[0])
    classes = {name: each["iou"]["value"] for name, each in found["by_class"].items()}
    assert classes["aeroplane"] == pytest.approx(4 / 5)
    assert classes["sheep"] == pytest.approx(2 / 4)
    assert classes["bird"] == pytest.approx(4 / 6)
    assert classes["cat"] == 0.0
    assert classes["background"] == pytest.approx(4 / 7)
    assert math.isnan(classes["cow"])  # nowhere
    numbers = {name: each["value"] for name, each in found["variants"]["refusing"].items()}
    named = [4 / 5, 2 / 4, 4 / 6, 0]
    assert numbers["miou"] == pytest.approx((sum(named) + 4 / 7) / 5)
    assert numbers["named"] == pytest.approx(sum(named) / 4)
    seen, unseen = 2 / 5, (2 / 4 + 4 / 6) / 2
    assert (numbers["seen"], numbers["unseen"]) == pytest.approx((seen, unseen))
    assert numbers["harmonic"] == pytest.approx(2 * seen * unseen / (seen + unseen))
    assert numbers["accuracy"] == pytest.approx((4 + 2 + 4 + 4) / 19)
    # Foreground and background: 12 of 15, and 4 of 7.
    assert numbers["fb_iou"] == pytest.approx((12 / 15 + 4 / 7) / 2)
    assert found["confused"][0] == {
        "truth": "background",
        "found": "sheep",
        "of_all": pytest.approx(2 / 19),
        "of_class": pytest.approx(2 / 7),
    }
    # Background covers seven of nineteen pixels, and four classes are there.
    assert found["constant"] == {"class": "background", "miou": pytest.approx(7 / 19 / 4)}


def test_refusals_and_knowing_what_is_there_change_the_map(root: Path) -> None:
    study = open_study(root, "pascal-voc")
    variants = study.summarize(records(study)[0])["variants"]
    # A refused bird would claim the last column where the aeroplane does: presence decides.
    assert variants["always"]["accuracy"]["value"] == variants["refusing"]["accuracy"]["value"]
    # Told that there is no cat, the photograph has two pixels of bird left out, now background.
    assert variants["told"]["accuracy"]["value"] == pytest.approx(14 / 19)
    assert variants["told"]["miou"]["value"] == pytest.approx((4 / 5 + 2 / 4 + 4 / 6 + 4 / 9) / 4)
    assert math.isnan(variants["told"]["seen"]["value"])


def test_background_may_count_nowhere(root: Path) -> None:
    study = open_study(root, "pascal-voc", ignore_background=True)
    found = study.summarize(records(study)[0])
    numbers = {name: each["value"] for name, each in found["variants"]["refusing"].items()}
    assert found["by_class"]["sheep"]["iou"]["value"] == 1.0
    assert "background" not in found["by_class"]
    assert numbers["miou"] == numbers["named"] == pytest.approx((1 + 1 + 4 / 6 + 0) / 4)
    assert numbers["accuracy"] == pytest.approx(10 / 12) and math.isnan(numbers["fb_iou"])
    assert study.baselines() == ()


def test_each_photograph_is_looked_at_once_and_asked_for_every_class(root: Path) -> None:
    study = open_study(root, "pascal-voc")
    runs, model = records(study)
    assert model.looks == ["2007_1", "2007_2"]
    assert [run.key for run in runs] == ["2007_1", "2007_2"]
    assert len(set(model.asked)) == 19 and "background" not in model.asked  # one cannot be asked
    found = study.summarize(runs)
    assert (found["unread"], found["unknown"]) == (["potted plant"], ["dog"])
    assert found["refused"] == pytest.approx((19 - 2 + 19 - 2) / 40)
    _, semantic = records(study, semantic=True)
    assert "[semantic] tv monitor" in semantic.asked
    _, worded = records(
        open_study(root, "pascal-voc", rules=ClassRules(templates=("a {}",))), semantic=True
    )
    assert "a tv monitor" in worded.asked


def test_a_single_photograph_has_no_interval(root: Path) -> None:
    study = open_study(root, "pascal-voc", limit=1)
    interval = study.summarize(records(study)[0])["variants"]["refusing"]["miou"]["interval"]
    assert all(map(math.isnan, interval))
    assert math.isnan(study.summarize([])["variants"]["refusing"]["miou"]["value"])


def report(folder: Path) -> Any:
    found = json.loads(next(folder.glob("*.json")).read_text())
    found.pop("run")
    return found


def test_processes_and_interruptions_change_nothing(root: Path, tmp_path: Path) -> None:
    study = open_study(root, "pascal-voc")
    for out, processes in (("one", 1), ("two", 2)):
        evaluate(study, guessing, tmp_path / out, How(processes=processes))
    assert report(tmp_path / "one") == report(tmp_path / "two")
    kept = [sorted((tmp_path / out / ".records").glob("*.jsonl")) for out in ("one", "two")]
    assert [file.read_bytes() for file in kept[0]] == [file.read_bytes() for file in kept[1]]
    for file in kept[0]:
        whole = file.read_bytes()
        file.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
        evaluate(study, guessing, tmp_path / "one", How(force=True))
        assert file.read_bytes() == whole


def test_pages(root: Path, tmp_path: Path) -> None:
    usual = open_study(root, "pascal-voc", unseen=["standard"])
    markdown, _, html = evaluate(usual, seeing, tmp_path / "out")
    text = markdown.read_text()
    assert "Unseen: potted plant, sheep, sofa, train, tv monitor." in text
    assert "survey, Table 8" in text and "| **seeing** |" in text and "told the same" in text
    assert "Names that mean nothing to the model, so that nothing is found: dog." in text
    assert "all of it background" in text
    assert "found where it is not" in html.read_text().casefold()
    named = open_study(root, "pascal-voc", unseen=["sheep"])
    other = evaluate(named, seeing, tmp_path / "out", How(force=True))[0].read_text()
    assert (text.count("| **seeing** |"), other.count("| **seeing** |")) == (2, 1)


def test_bad_choices(root: Path) -> None:
    with pytest.raises(InputError, match=r"unseen: expected classes of the set, .*, got unicorn"):
        open_study(root, "pascal-voc", unseen=["unicorn"])
    with pytest.raises(InputError, match=r"unseen: expected classes of the set, .*got background"):
        open_study(root, "pascal-voc", unseen=["background"])
    with pytest.raises(DataError, match="data set: expected one with classes: ade20k"):
        open_study(root, "grefcoco")
