"""Answers where people already work: Pillow, supervision, notebooks."""

from __future__ import annotations

import base64
import io
import re
import sys

import numpy as np
import pytest
import supervision
from PIL import Image

from biprompt.errors import InputError, MissingExtraError
from biprompt.masks import rle_encode
from biprompt.results import Candidate, ClassFacts, LabelMap, Segmentation, SelectionCard, Verdict
from biprompt.results.objects import FoundObject, Objects
from biprompt.results.shown import NOTEBOOK_SIDE

HW = (12, 20)
PHOTO = np.random.default_rng(0).integers(0, 256, (*HW, 3), np.uint8)
LEFT, RIGHT, EMPTY = np.zeros((3, *HW), np.bool_)
LEFT[2:9, 1:7] = True
RIGHT[4:12, 10:20] = True


def answer(mask=LEFT, phrase="cup", image=PHOTO):
    there = bool(mask.any())
    card = SelectionCard((Candidate("point", 0, 0.75, None, mask),), None, 0 if there else None,
                         None, None, "iou", "similarity", "paper", "Because <b>.")  # fmt: skip
    verdict = Verdict.FOUND if there else Verdict.ABSENT
    return Segmentation(mask, verdict, None, card, "model", "a.jpg", phrase, image)


def objects():
    found = [FoundObject(rle_encode(mask), score, 0.9, (3, 3), (0, 0, 20, 12), label)
             for mask, score, label in ((LEFT, 0.9, "cup"), (RIGHT, 0.8, "dog"))]  # fmt: skip
    return Objects(tuple(found), HW, "model", "Two.", "a.jpg", PHOTO)


def label_map():
    labels = np.where(LEFT, 1, np.where(RIGHT, 2, 0)).astype(np.int32)
    facts = tuple(ClassFacts(name, (name,), 0.5, 0.5, int(mask.sum()))
                  for name, mask in (("sky", LEFT), ("road", RIGHT)))  # fmt: skip
    return LabelMap(labels, facts, "model", "Both.", None, "a.jpg", PHOTO)


def picture_of(page):
    (data,) = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_mask_as_a_pillow_image():
    mask = answer().to_pil()
    assert mask.mode == "L"
    assert np.array_equal(np.asarray(mask), LEFT * np.uint8(255))
    everything = np.asarray(objects().to_pil())
    assert np.array_equal(everything, (LEFT | RIGHT) * np.uint8(255))
    assert not np.asarray(answer(EMPTY).to_pil()).any()


def test_a_cutout_is_transparent_outside():
    cutout = answer().to_pil("cutout")
    assert cutout.mode == "RGBA"
    pixels = np.asarray(cutout)
    assert np.array_equal(pixels[..., :3], PHOTO)
    assert np.array_equal(pixels[..., 3] == 255, LEFT)


@pytest.mark.parametrize("made", [answer, objects, label_map])
def test_an_overlay_marks_what_was_found(made):
    overlay = made().to_pil("overlay")
    assert overlay.mode == "RGB"
    pixels = np.asarray(overlay)[: HW[0], : HW[1]]
    assert (pixels[LEFT] != PHOTO[LEFT]).any(axis=-1).mean() > 0.5


def test_what_pillow_images_there_are():
    with pytest.raises(InputError, match="mask, overlay or cutout, got 'picture'"):
        answer().to_pil("picture")
    bare = answer(image=None)
    assert bare.to_pil().size == (20, 12)
    for kind in ("overlay", "cutout"):
        with pytest.raises(InputError, match="the photograph, got not kept"):
            bare.to_pil(kind)


def test_one_answer_as_detections():
    found = answer().to_supervision()
    assert isinstance(found, supervision.Detections)
    assert found.xyxy.tolist() == [[1, 2, 7, 9]]
    assert np.array_equal(found.mask, LEFT[None])
    assert found.confidence.tolist() == [0.75]
    assert found.class_id.tolist() == [0]
    assert found.data["class_name"].tolist() == ["cup"]
    assert found.area.tolist() == [LEFT.sum()]


def test_several_things_as_detections():
    found = objects().to_supervision()
    boxes = {
        name: box for name, box in zip(found.data["class_name"], found.xyxy.tolist(), strict=True)
    }
    assert boxes == {"cup": [1, 2, 7, 9], "dog": [10, 4, 20, 12]}
    assert sorted(found.class_id.tolist()) == [0, 1]
    assert found[found.data["class_name"] == "dog"].mask.sum() == RIGHT.sum()
    assert set(label_map().to_supervision().data["class_name"]) == {"sky", "road"}


def test_nothing_found_is_no_detection():
    assert len(answer(EMPTY).to_supervision()) == 0
    assert answer(EMPTY).to_supervision().is_empty()


def test_without_supervision_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(MissingExtraError, match=r"biprompt\[supervision\]"):
        answer().to_supervision()


@pytest.mark.parametrize("made", [answer, objects, label_map])
def test_notebooks_show_the_picture_and_the_reason(made):
    shown = made()
    page = shown._repr_html_()
    assert "found" in page and "model" in page
    assert "http" not in page
    assert picture_of(page).size == Image.open(io.BytesIO(shown._repr_png_())).size


def test_notebooks_get_text_that_is_no_markup():
    assert "Because &lt;b&gt;." in answer()._repr_html_()


def test_without_the_photograph_a_notebook_shows_words():
    bare = answer(image=None)
    assert bare._repr_png_() is None
    assert "<img" not in bare._repr_html_() and "Because" in bare._repr_html_()


def test_pictures_of_large_photographs_are_shrunk():
    big = answer(np.ones((30, 2000), np.bool_), image=np.zeros((30, 2000, 3), np.uint8))
    assert Image.open(io.BytesIO(big._repr_png_())).size[0] == NOTEBOOK_SIDE
