"""Every format that can be read gives back what was written, as far as it says it can."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from biprompt.io.formats import FORMATS
from biprompt.io.formats.coco import parse_coco
from biprompt.io.formats.export import Written, export
from biprompt.io.formats.geojson import parse_geojson
from biprompt.io.formats.labelme import parse_labelme
from biprompt.io.formats.objects import LabelledImage, LabelledMask
from biprompt.io.formats.yolo import parse_yolo

Reader = Callable[[Written, LabelledImage], LabelledImage]
LABELS = st.text(st.characters(), min_size=1, max_size=6).filter(str.strip)
COLOURS = st.none() | st.tuples(*[st.integers(0, 255)] * 3)
SCORES = st.none() | st.floats(0, 1)


@st.composite
def images(draw: st.DrawFn) -> LabelledImage:
    hw = draw(st.tuples(st.integers(1, 10), st.integers(1, 10)))
    things = st.builds(
        LabelledMask.of, hnp.arrays(np.bool_, hw), LABELS, colour=COLOURS, score=SCORES
    )
    objects = draw(st.lists(things, max_size=3))
    return LabelledImage(draw(st.text(st.characters(), max_size=8)), hw, tuple(objects))


def read_yolo(written: Written, image: LabelledImage) -> LabelledImage:
    labels, classes = (file.data.decode() for file in written.files)
    return parse_yolo(labels, image.hw, classes.split("\n")[:-1], image.file_name)


READERS: dict[str, Reader] = {
    "coco": lambda written, image: parse_coco(written.files[0].data)[0],
    "yolo": read_yolo,
    "labelme": lambda written, image: parse_labelme(written.files[0].data),
    "geojson": lambda written, image: parse_geojson(written.files[0].data),
}
KEEP_EMPTY = ("coco", "geojson")


@pytest.mark.parametrize("format", READERS)
@given(image=images(), tolerance=st.sampled_from([0.0, 0.49]))
def test_masks_come_back(format: str, image: LabelledImage, tolerance: float) -> None:
    written = export(image, format, tolerance if FORMATS[format].outlines else 0.0)
    back = READERS[format](written, image)
    assert back.hw == image.hw
    kept = [thing for thing in image.objects if thing.area or format in KEEP_EMPTY]
    assert [thing.rle for thing in back.objects] == [thing.rle for thing in kept]
    labels = [thing.label for thing in kept]
    if format == "yolo":
        labels = [" ".join(label.split()) for label in labels]
    assert [thing.label for thing in back.objects] == labels
    if format in KEEP_EMPTY:
        assert [thing.score for thing in back.objects] == [thing.score for thing in kept]
    if format == "geojson":
        assert back.objects == image.objects
    if format != "labelme":
        assert back.file_name == image.file_name


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=20)
@given(image=images())
def test_the_notes_are_one_line_of_ascii(format: str, image: LabelledImage) -> None:
    pixels = np.zeros((*image.hw, 3), np.uint8)
    image = LabelledImage(image.file_name, image.hw, image.objects, pixels)
    for note in export(image, format).lost:
        assert note.isascii() and note.isprintable() and note.endswith(".")


@pytest.mark.parametrize("format", [name for name in READERS if FORMATS[name].outlines])
@settings(max_examples=50)
@given(image=images(), tolerance=st.floats(0.5, 4))
def test_simplified_outlines_can_be_read(
    format: str, image: LabelledImage, tolerance: float
) -> None:
    written = export(image, format, tolerance)
    assert any("moved by up to" in note for note in written.lost)
    back = READERS[format](written, image)
    kept = sum(thing.area > 0 or format in KEEP_EMPTY for thing in image.objects)
    assert len(back.objects) == kept
