"""From an image to everything in it, with a model that knows what is drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from biprompt.errors import InputError, PromptError
from biprompt.experts.pair import MAX_ROWS
from biprompt.io.formats.coco import parse_coco
from biprompt.masks import iou_matrix
from biprompt.results import Verdict
from biprompt.results.label_map import ClassFacts, LabelMap
from biprompt.runtime.base import RuntimeFacts
from biprompt.segmenter.automatic import Automatic, settings
from biprompt.segmenter.automatic.naming import named

from .drawn import PART, SURE, WHOLE, DrawnRuntime, drawing, drawn_segmenter


def drawn_masks() -> dict[str, np.ndarray]:
    """What there is to find: three things, their upper halves, and all together."""
    things = drawing()[..., 0]
    masks = {f"thing {number}": things == number for number in (1, 2, 3)}
    for name, mask in list(masks.items()):
        rows = np.flatnonzero(mask.any(axis=1))
        middle = (rows[0] + rows[-1] + 1) // 2
        masks[f"half of {name}"] = mask & (np.arange(len(mask)) < middle)[:, None]
    return masks | {"all": things > 0}


def names_of(found) -> list[str]:
    """What each of the masks is; from cells to pixels, corners become a little round."""
    drawn = drawn_masks()
    ious = iou_matrix(np.stack([each.mask for each in found]), np.stack(list(drawn.values())))
    assert (ious.max(axis=1) > 0.93).all()
    return [list(drawn)[place] for place in ious.argmax(axis=1)]


def test_every_thing_its_half_and_all_together_once(model, image, open_settings):
    objects = model.automatic(image, settings=open_settings)
    assert sorted(names_of(objects)) == sorted(drawn_masks())
    scores = [each.score for each in objects]
    assert scores == sorted(scores, reverse=True)
    assert objects.verdict is Verdict.FOUND and "7 masks" in objects.reason
    for each in objects:
        x, y = (int(value) for value in each.point)
        assert each.mask[y, x] or each.score == pytest.approx(PART)
        assert each.window == (0, 0, 128, 96)


@pytest.mark.parametrize(
    ("changed", "scores"),
    [
        ({"predicted_iou": 0.8}, [SURE] * 3),
        ({"predicted_iou": 0.65}, [SURE] * 3 + [WHOLE]),
        ({"most": 2}, [SURE] * 2),
        ({"granularity": "part"}, [PART] * 3),
        ({"granularity": "object"}, [SURE] * 3),
        ({"granularity": "whole"}, [WHOLE]),
        ({"largest": 0.1, "predicted_iou": 0.8}, [SURE] * 2),
        ({"stability_offset": 5.0, "stability": 0.1}, []),
        ({"overlap": 0.01}, [SURE] * 3),
    ],
)
def test_filters(model, image, open_settings, changed, scores):
    objects = model.automatic(image, settings=replace(open_settings, **changed))
    assert [each.score for each in objects] == pytest.approx(scores)


def test_thresholds_suit_the_model(model, image):
    """What is not the embedded model is judged by the thresholds of Segment Anything."""
    assert [each.score for each in model.automatic(image)] == pytest.approx([SURE] * 3)
    sam = Automatic().suited_to(RuntimeFacts("sam", "1"))
    assert (sam.predicted_iou, sam.stability) == settings.SAM_THRESHOLDS
    compact = Automatic(stability=0.5).suited_to(RuntimeFacts("compact", "1", one_part=True))
    assert (compact.predicted_iou, compact.stability) == (settings.COMPACT_THRESHOLDS[0], 0.5)


def test_closer_looks_find_the_same_things_once(runtime, model, image, open_settings):
    flat = model.automatic(image, settings=replace(open_settings, predicted_iou=0.8))
    deep = model.automatic(image, settings=replace(open_settings, predicted_iou=0.8, layers=1))
    assert sorted(names_of(flat)) == sorted(names_of(deep)) == ["thing 1", "thing 2", "thing 3"]
    assert runtime.looks == 1 + 1 + 4  # the model has no cache here
    windows = {each.window for each in deep}
    assert windows != {(0, 0, 128, 96)}  # the closer look wins where it saw the thing whole


def test_memory_is_bounded_and_progress_is_told(runtime, model, image, open_settings):
    told: list[tuple[int, int]] = []
    model.automatic(image, settings=open_settings, told=lambda *at: told.append(at))
    assert runtime.most_rows == MAX_ROWS
    assert told == [(16, 64), (32, 64), (48, 64), (64, 64)]
    assert len(runtime.clicks) == len(set(runtime.clicks)) == 64


def test_nothing_there(model):
    objects = model.automatic(np.zeros((96, 128, 3), np.uint8))
    assert len(objects) == 0 and objects.verdict is Verdict.ABSENT
    assert "No mask" in objects.reason


def test_a_model_without_clicks(image):
    words = drawn_segmenter(DrawnRuntime(points=False))
    with pytest.raises(PromptError, match="model: expected one that takes clicks, got drawn"):
        words.automatic(image)


def test_small_regions_go(image, open_settings, runtime):
    image[0:4, 0:4, 0] = 1  # a speck that belongs to the first thing
    model = drawn_segmenter(runtime)
    rules = replace(open_settings, predicted_iou=0.8)
    kept = model.automatic(image, settings=rules)
    clean = model.automatic(image, settings=replace(rules, smallest=20))
    speck = {each.mask[0, 0].item() for each in kept}
    assert True in speck and not any(each.mask[0, 0] for each in clean)


def class_map(image) -> LabelMap:
    labels = np.where(image[..., 0] == 1, 1, 0).astype(np.int32)
    labels[16:80, 88:96] = 2  # half of the third thing
    labels[64:80, 24:30] = 2  # 6 of the 16 columns of the second one
    facts = tuple(
        ClassFacts(name, (name,), 0.9, 0.9, int((labels == number).sum()))
        for number, name in ((1, "cat"), (2, "dog"))
    )
    return LabelMap(labels, facts, "drawn", "two classes")


def test_names_of_what_covers_most(model, image, open_settings):
    objects = model.automatic(image, settings=replace(open_settings, predicted_iou=0.8))
    by_number = {int(image[int(e.point[1]), int(e.point[0]), 0]): e for e in objects}
    told = {number: named([each], class_map(image))[0] for number, each in by_number.items()}
    assert told[1].label == "cat" and told[1].share == 1.0
    assert told[3].label == "dog" and told[3].share == 0.5
    assert told[2].label is None and told[2].share is None  # 6 of 16 columns are too few


def test_classes_are_asked_of_the_same_look(model, image, monkeypatch):
    asked = []

    def segment_classes(scene, classes):
        asked.append((scene.pixels.shape, classes))
        return class_map(image)

    monkeypatch.setattr(model, "segment_classes", segment_classes, raising=False)
    objects = model.automatic(image, classes=["cat", "dog"])
    assert asked == [(image.shape, ["cat", "dog"])]
    assert {each.label for each in objects} == {"cat", "dog", None}
    assert "2 of them named" in objects.reason and objects.timings_ms["names"] >= 0


def test_files(model, image, open_settings, tmp_path: Path):
    objects = model.automatic(image, settings=open_settings)
    objects.save(tmp_path / "all.json")
    (read,) = parse_coco((tmp_path / "all.json").read_bytes())
    assert sorted(names_of(read.objects)) == sorted(names_of(objects))
    areas = [thing.area for thing in read.objects]
    assert areas == sorted(areas, reverse=True)  # small things lie on top
    objects.save_overlay(tmp_path / "all.png")
    from PIL import Image

    with Image.open(tmp_path / "all.png") as picture:
        assert picture.size == (128, 96)
    told = json.loads(json.dumps(objects.to_dict()))
    assert [each["score"] for each in told["objects"]] == [round(e.score, 6) for e in objects]
    assert told["objects"][0]["area"] == objects[0].mask.sum()


def test_masks_of_another_size(model, image, open_settings):
    objects = model.automatic(image, settings=open_settings)
    with pytest.raises(InputError, match="mask size"):
        replace(objects, hw=(5, 5))


def test_the_image_is_looked_at_once(runtime, model):
    scene = model.embed(drawing())
    model.automatic(scene)
    assert runtime.looks == 1
