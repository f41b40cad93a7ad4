"""Large images from prompt to file: the plain answer where one look will do, and the formats."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import InputError, OutputError, PromptError
from biprompt.io.formats.coco import parse_coco
from biprompt.io.formats.geojson import parse_geojson
from biprompt.io.images import read_mask
from biprompt.prompts import Prompt
from biprompt.results import Verdict
from biprompt.segmenter.tiles.saving import find_format, shrunk

BOXES = ((20, 20, 140, 92), (4, 4, 12, 12))


@pytest.fixture
def answer(model, painted):
    return model.segment_large(painted((112, 160), *BOXES)[0], text="cat", tile=64)


@pytest.mark.parametrize("asked", [{"text": "cat"}, {"points": [(30, 30)]},
                                   {"points": [(30, 30)], "text": "cat"}])  # fmt: skip
def test_one_tile_is_the_plain_answer(model, painted, asked):
    image, _ = painted((60, 64), (20, 20, 40, 40))
    plain, large = model.segment(image, **asked), model.segment_large(image, tile=64, **asked)
    assert plain.mask.any()
    assert np.array_equal(large.mask.read(), plain.mask)
    assert (large.verdict, large.presence, large.looks) == (plain.verdict, plain.presence, 1)
    ours, theirs = large.to_dict(), plain.to_dict()
    assert {**theirs, "timings_ms": 0} == {**{k: ours[k] for k in theirs}, "timings_ms": 0}


def test_several_tiles_are_one_answer(answer):
    told = answer.to_dict()
    assert (answer.verdict, answer.phrase, answer.whole) == (Verdict.FOUND, "cat", None)
    assert told["image"] == {"path": None, "height": 112, "width": 160}
    assert told["tiles"] == {"size": 64, "halo": 8, "looks": answer.looks}
    assert told["bbox"] == [4, 4, 136, 88]
    assert told["area"] == answer.mask.area() == sum(answer.parts.area)
    assert told["parts"]["count"] == 2
    assert told["parts"]["largest"][0]["bbox"] == [20, 20, 120, 72]
    assert told["parts"]["largest"][1]["area"] == int(answer.parts.area[0])
    assert told["map"] is None
    assert "2 connected parts" in answer.reason
    json.dumps(told)


def test_nothing_found_is_an_honest_no(model, painted):
    answer = model.segment_large(painted((112, 160))[0], text="cat", tile=64)
    assert answer.verdict is Verdict.ABSENT
    assert answer.mask.area() == 0
    assert "none of 6 tiles" in answer.reason
    blank = model.segment_large(np.zeros((112, 160), np.uint8), text="cat", tile=64)
    assert blank.verdict is Verdict.ABSENT and "one colour" in blank.reason


def test_unknown_words_say_so(model, painted):
    answer = model.segment_large(painted((112, 160), *BOXES)[0], text="qwzx", tile=64)
    assert answer.verdict is Verdict.ABSENT
    assert "No word of the phrase is known" in answer.reason


def test_prompts_are_checked_against_the_whole_image(model, painted):
    image, _ = painted((112, 160))
    with pytest.raises(PromptError, match="0 <= x < 160"):
        model.segment_large(image, points=[(160, 3)], tile=64)
    with pytest.raises(PromptError, match="both"):
        model.segment_large(image, prompt=Prompt.build(text="cat"), text="dog")
    with pytest.raises(PromptError, match="none"):
        model.segment_large(image)


def test_every_format_can_be_read_back(answer, tmp_path):
    mask = answer.mask.read()
    for name in ("m.png", "m.json", "m.geojson", "m.tif"):
        answer.save(tmp_path / name)
    assert np.array_equal(read_mask(tmp_path / "m.png"), mask)
    assert Image.open(tmp_path / "m.png").mode == "1"
    (image,) = parse_coco((tmp_path / "m.json").read_bytes())
    assert [thing.label for thing in image.objects] == ["cat"]
    assert np.array_equal(image.objects[0].mask, mask)
    drawn = parse_geojson((tmp_path / "m.geojson").read_bytes())
    assert len(drawn.objects) == 2  # a feature for each connected part
    assert np.array_equal(np.any([thing.mask for thing in drawn.objects], axis=0), mask)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "m.tif")) == 255, mask)


def test_an_empty_mask_is_written_too(model, painted, tmp_path):
    answer = model.segment_large(painted((112, 160))[0], text="cat", tile=64)
    for name in ("m.png", "m.json", "m.geojson"):
        answer.save(tmp_path / name)
    assert not read_mask(tmp_path / "m.png").any()
    assert json.loads((tmp_path / "m.json").read_text())["annotations"] == []
    assert json.loads((tmp_path / "m.geojson").read_text())["features"] == []


def test_files_are_not_replaced_by_accident(answer, tmp_path):
    for name in ("m.png", "m.tif", "m.geojson"):
        answer.save(tmp_path / name)
        with pytest.raises(OutputError, match="existing file"):
            answer.save(tmp_path / name)
        answer.save(tmp_path / name, force=True)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("path", "format", "found"),
    [("a.tif", None, "tiff"), ("a.TIFF", None, "tiff"), ("a.json", None, "coco"),
     ("a.json", "geojson", "geojson"), ("a.png", "PNG", "png")],
)  # fmt: skip
def test_formats_by_ending_and_name(path, format, found):
    assert find_format(path, format) == found


@pytest.mark.parametrize(
    ("path", "format"), [("a.txt", None), ("a.png", "yolo"), ("a.png", "tiff")]
)
def test_formats_that_large_masks_are_not_written_in(path, format):
    with pytest.raises(OutputError, match=r"ends in \.tif"):
        find_format(path, format)


def test_a_tolerance_is_for_outlines(answer, tmp_path):
    with pytest.raises(InputError, match="no outlines"):
        answer.save(tmp_path / "m.png", tolerance=1.0)
    answer.save(tmp_path / "fine.geojson")
    answer.save(tmp_path / "rough.geojson", tolerance=2.0)
    sizes = [len((tmp_path / name).read_text()) for name in ("rough.geojson", "fine.geojson")]
    assert sizes[0] < sizes[1]


def test_the_overview_is_shrunk(answer):
    picture = answer.overview(80)
    assert picture.shape == (56, 80, 3)
    small = shrunk(answer.mask, (56, 80))
    mask = answer.mask.read()
    assert np.array_equal(small, mask.reshape(56, 2, 80, 2).any(axis=(1, 3)))


def test_it_is_shown_as_other_answers_are(answer):
    assert np.array_equal(np.asarray(answer.to_pil()) == 255, answer.mask.read())
    assert answer.to_pil("overlay").size == (160, 112)
    assert len(answer.to_supervision()) == 1
    assert "connected parts" in answer._repr_html_()
