"""`biprompt segment --classes`: what it writes, prints and ends with. The model is a fake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import biprompt
from biprompt.io.images import load_image
from biprompt.results import ClassFacts, LabelMap
from biprompt.segmenter.classes import ClassRules, NamedClass
from biprompt.segmenter.classes.instances import instances_of


class Fake:
    """The left half is the first class, the right half the second; "unicorn" is nowhere."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[NamedClass, ...], ClassRules, Any]] = []

    def segment_classes(
        self, image: Path, classes: tuple[NamedClass, ...], *, rules: ClassRules, instances: Any
    ) -> LabelMap:
        self.asked.append((classes, rules, instances))
        loaded = load_image(image)
        labels = np.zeros(loaded.hw, np.int32)
        middle = labels.shape[1] // 2
        for number, columns in enumerate((slice(0, middle), slice(middle, None)), start=1):
            if len(classes) >= number and classes[number - 1].name != "unicorn":
                labels[:, columns] = number
        facts = tuple(
            ClassFacts(each.name, each.words, 0.9, 0.8, int((labels == number).sum()),
                       each.name != "gizmo")
            for number, each in enumerate(classes, start=1)
        )  # fmt: skip
        found = instances_of(labels, [1]) if instances else None
        return LabelMap(labels, facts, "fake", "Told.", found, str(image), loaded.pixels)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(biprompt, "load", lambda *_, **__: fake)
    return fake


def test_a_label_map_and_its_overlay(run, folder, model, photo):
    done = run("segment", photo, "--classes", "cat; red cup = mug; gizmo", "-o", "map.png",
               "--overlay", "over.png")  # fmt: skip
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "Told." and lines[-2:] == ["wrote map.png", "wrote over.png"]
    assert any(line.split()[:2] == ["cat", "49.9%"] for line in lines)
    assert "gizmo         -  not known to the model" in lines
    labels = np.asarray(Image.open("map.png"))
    assert labels.shape == (300, 451) and set(np.unique(labels)) == {1, 2}
    assert Image.open("over.png").width == 451 and Image.open("over.png").height > 300
    ((classes, rules, instances),) = model.asked
    assert [each.words for each in classes] == [("cat",), ("red cup", "mug"), ("gizmo",)]
    assert rules == ClassRules() and instances is False


def test_panoptic_has_its_picture_beside(run, folder, model, photo):
    done = run("segment", photo, "--classes", "cat; cup", "--instances", "all", "-o", "map.json")
    assert done.status == 0
    assert sorted(path.name for path in folder.iterdir()) == ["map.json", "map.png"]
    document = json.loads((folder / "map.json").read_text())
    assert [each["isthing"] for each in document["categories"]] == [1, 0]
    assert document["annotations"][0]["file_name"] == "map.png"
    assert model.asked[0][2] is True


def test_json_is_one_object_and_an_honest_no_is_status_3(run, folder, model, photo):
    done = run("segment", photo, "--classes", "unicorn", "-o", "map.json", "--format", "semantic",
               "--json")  # fmt: skip
    answer = json.loads(done.out)
    assert (done.status, done.err, done.out.count("\n")) == (3, "", 1)
    assert answer["verdict"] == "absent" and answer["found"] == [] and answer["covered"] == 0
    assert answer["classes"][0]["mask"] is None
    assert json.loads((folder / "map.json").read_text())["annotations"] == []
    there = json.loads(run("segment", photo, "--classes", "cat", "--json").out)["classes"][0]
    assert there["number"] == 1 and there["bbox"] == [0, 0, 225, 300]
    assert there["area"] == 225 * 300 and there["mask"]["size"] == [300, 451]


def test_the_rules_are_handed_on(run, folder, model, photo):
    done = run("segment", photo, "--classes", "cat;dog", "--instances", " dog ; cat", "--template",
               "a {}", "--template", "{}", "--synonyms", "plural", "--denoise", "0", "--least",
               "0.3")  # fmt: skip
    assert done.status == 0 and "nothing was written" in done.out
    _, rules, instances = model.asked[0]
    assert rules == ClassRules(("a {}", "{}"), "plural", 0.0, 0.3)
    assert instances == ["dog", "cat"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--classes", "cat;CAT"], "classes: expected each name once, got 'CAT'"),
        (["--classes", " ; "], "classes: expected 1 to 65535 names, got 0"),
        (["--classes", "cat", "--classes", "dog"], "--classes: expected it once, got 2 times"),
        (["--classes", "cat", "--text", "cat"], "--classes: expected no other prompt beside it"),
        (["--classes", "cat", "--card", "c.png"], "--card: expected no selection card beside"),
        (["--classes", "cat", "-o", "m.tif"], "m.tif: file suffix: expected .png, .json"),
        (["--classes", "cat", "--format", "labels"], "--format: expected -o FILE to go with it"),
        (["--classes", "cat", "--denoise", "2"], "denoise: expected a number from 0 to 1, got 2"),
        (["--classes", "cat", "--template", "x"], 'template: expected text with one "{}", got'),
        (["--text", "cat", "--synonyms", "same"], "--synonyms: expected --classes to go with it"),
        (["--text", "cat", "--denoise", "0"], "--denoise: expected --classes to go with it"),
    ],
)
def test_bad_input_is_one_line(run, folder, model, photo, options, message):
    done = run("segment", photo, *options)
    assert done.status == 2 and done.out == "" and not model.asked
    assert message in done.err and done.err.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_a_picture_beside_is_not_overwritten(run, folder, model, photo):
    (folder / "map.png").write_text("mine")
    done = run("segment", photo, "--classes", "cat", "-o", "map.json")
    assert done.status == 2 and "map.png" in done.err and not model.asked
    assert (folder / "map.png").read_text() == "mine"
    assert run("segment", photo, "--classes", "cat", "-o", "map.json", "--force").status == 0


def test_a_volume_has_no_classes(run, folder, model):
    done = run("segment", "scan.nii.gz", "--classes", "liver")
    assert done.status == 2 and "--classes: expected a photograph, got a volume" in done.err
