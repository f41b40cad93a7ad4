"""Prompts: what is accepted, what is refused, and that values never change."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.errors import PromptError
from biprompt.prompts import (
    MAX_PATH_POINTS,
    MAX_PHRASE_CHARS,
    MAX_POINTS,
    Box,
    Example,
    MaskPrompt,
    Points,
    Polygon,
    Prompt,
    Scribble,
    Text,
)

NAN, INF = float("nan"), float("inf")
TRIANGLE = [(0, 0), (4, 0), (4, 4)]
IMAGE = np.zeros((4, 5, 3), np.uint8)
MARK = np.eye(4, 5, dtype=bool)


def everything(**changes: Any) -> Prompt:
    values: dict[str, Any] = {
        "points": [(1, 2), (3, 4)],
        "labels": [1, 0],
        "box": (0, 0, 5, 4),
        "scribbles": [[(1, 1), (2, 2)]],
        "polygon": TRIANGLE,
        "mask": MARK,
        "text": "a cup",
        "negative_text": "a plate",
        "examples": [(IMAGE, MARK)],
    }
    return Prompt.build(**{**values, **changes})


# --- what is accepted ---------------------------------------------------------------------------


@pytest.mark.parametrize("xy", [[(1, 2)], ((1, 2),), np.array([[1, 2]], np.uint8), [[1.0, 2.0]]])
def test_points_of_any_array_like(xy: Any) -> None:
    points = Prompt.build(points=xy).points
    assert points is not None
    assert points.xy.dtype == np.float64 and points.xy.tolist() == [[1.0, 2.0]]
    assert points.labels.dtype == np.int8 and points.labels.tolist() == [1]
    assert len(points) == 1


def test_build_keeps_values_that_are_ready() -> None:
    prompt = everything()
    again = Prompt.build(
        points=prompt.points,
        box=prompt.box,
        scribbles=prompt.scribbles,
        polygon=prompt.polygon,
        mask=prompt.mask,
        text=prompt.text,
        negative_text=prompt.negative_text,
        examples=prompt.examples,
    )
    assert again == prompt
    assert again.points is prompt.points


def test_labels_replace_those_of_ready_points() -> None:
    points = Prompt.build(points=Points([(1, 2)]), labels=[0]).points
    assert points is not None and points.labels.tolist() == [0]


def test_scribbles_as_arrays_pairs_and_values() -> None:
    path = [(1, 1), (2, 2)]
    prompt = Prompt.build(scribbles=[path, np.array(path), (path, 0), Scribble(path, 0)])
    assert [s.label for s in prompt.scribbles] == [1, 1, 0, 0]
    assert all(s.xy.tolist() == [[1, 1], [2, 2]] for s in prompt.scribbles)


@pytest.mark.parametrize("empty", [[], (), np.empty((0, 2)), None])
def test_no_points_is_not_an_error_until_a_frame_is_checked(empty: Any) -> None:
    prompt = Prompt.build(points=empty, scribbles=[], examples=[])
    assert prompt == Prompt()
    assert prompt.is_empty and not prompt.has_spatial


def test_points_beside_each_other_may_differ() -> None:
    points = Prompt.build(points=[(1, 2), (2, 2), (1, 2)], labels=[1, 0, 1]).points
    assert points is not None and points.labels.tolist() == [1, 0, 1]


@pytest.mark.parametrize("x", [0, 0.3, 0.4, 1000.4])
def test_a_box_may_be_one_pixel(x: float) -> None:
    box = Prompt.build(box=(x, 2, x + 1, 3)).box
    assert box is not None and box.xyxy.tolist() == [x, 2, x + 1, 3]


@pytest.mark.parametrize("scale", [True, 1, 255, 1.0, 255.0])
def test_mask_of_two_values(scale: float) -> None:
    mask = Prompt.build(mask=MARK * scale).mask
    assert mask is not None
    assert mask.mask.dtype == np.bool_ and np.array_equal(mask.mask, MARK)


def test_box_may_be_the_whole_image() -> None:
    Prompt.build(box=(0, 0, 5, 4)).check_frame((4, 5))
    Prompt.build(polygon=[(0, 0), (5, 0), (5, 4), (0, 4)]).check_frame((4, 5))


def test_everything_fits_its_frame() -> None:
    prompt = everything(points=[(1, 2), (4.99, 3.99)])
    prompt.check_frame((4, 5))
    assert prompt.has_spatial and not prompt.is_empty


@pytest.mark.parametrize(
    "field", ["points", "box", "scribbles", "polygon", "mask", "text", "examples"]
)
def test_one_kind_alone_is_a_prompt(field: str) -> None:
    prompt = Prompt(**{field: getattr(everything(), field)})
    assert not prompt.is_empty
    assert prompt.has_spatial is (field not in ("text", "examples"))


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  the\tred \n cup ", "the red cup"),
        ("ｒｅｄ ﬁsh", "red fish"),  # noqa: RUF001  # full width and a ligature, on purpose
        ("红色的杯子", "红色的杯子"),
        ("чашка", "чашка"),
        ("الكوب الأحمر", "الكوب الأحمر"),
        ("e\u0301tage", "\u00e9tage"),
        ("x" * MAX_PHRASE_CHARS, "x" * MAX_PHRASE_CHARS),
        ("???", "???"),
    ],
)
def test_phrase_is_cleaned(raw: str, clean: str) -> None:
    assert Text(raw).phrase == clean
    assert str(Text(raw)) == clean


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("", "at least one word"),
        (" \n\t", "at least one word"),
        ("\u200b", "at least one word"),
        ("x" * 10_000, "at most 1000 characters, got 10000"),
        ("\ufdfa" * 900, "at most 1000 characters"),
        ("a\x00b", "U+0000"),
        ("\x1b[31mred", "U+001B"),
        ("a\x85b", "U+0085"),
        ("a\u202eb", "U+202E"),
        ("a\udc80", "U+DC80"),
        (b"cup", "a string, got bytes"),
        (5, "a string, got int"),
    ],
)
@pytest.mark.parametrize("field", ["text", "negative_text"])
def test_phrase_is_refused(field: str, raw: Any, says: str) -> None:
    with pytest.raises(PromptError) as caught:
        Prompt.build(**{field: raw})
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


@settings(deadline=None)
@given(st.text(max_size=50))
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    try:
        clean = Text(raw).phrase
    except PromptError:
        return
    assert Text(clean).phrase == clean


# --- what is refused ----------------------------------------------------------------------------

MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"points": (1, 2)}, "shape (N, 2)"),
    ({"points": [(1, 2, 3)]}, "shape (N, 2)"),
    ({"points": [(1, 2), (3,)]}, "an array of numbers"),
    ({"points": [("a", "b")]}, "an array of numbers"),
    ({"points": "1,2"}, "an array of numbers"),
    ({"points": {}}, "an array of numbers"),
    ({"points": np.empty((0, 3))}, "shape (N, 2)"),
    ({"points": [(True, False)]}, "numbers of shape (N, 2)"),
    ({"points": [(1 + 2j, 3)]}, "an array of numbers"),
    ({"points": [(NAN, 1)]}, "finite coordinates in pixels, got nan"),
    ({"points": [(INF, 1)]}, "got inf"),
    ({"points": [(1e300, 1)]}, "got 1e+300"),
    ({"points": [(10**400, 1)]}, "an array of numbers"),
    ({"points": np.zeros((MAX_POINTS + 1, 2))}, "1 to 1000 points, got 1001"),
    ({"points": [(1, 2)], "labels": [1, 0]}, "labels: expected 1, one for each point"),
    ({"points": [(1, 2)], "labels": 1}, "one for each point"),
    ({"points": [(1, 2)], "labels": [2]}, "1 (add) or 0 (remove), got 2"),
    ({"points": [(1, 2)], "labels": [-1]}, "got -1"),
    ({"points": [(1, 2)], "labels": [0.5]}, "got 0.5"),
    ({"points": [(1, 2)], "labels": [NAN]}, "got nan"),
    ({"points": [(1, 2)], "labels": ["1"]}, "one 0 or 1 for each point"),
    ({"points": [(1, 2), (3, 4), (1, 2)], "labels": [1, 1, 0]}, "not both, got both at (1, 2)"),
    ({"points": [(1, 2), (1.7, 2.9)], "labels": [0, 1]}, "not both, got both at (1, 2)"),
    ({"labels": [1]}, "points to go with them"),
    ({"points": [], "labels": [1]}, "points to go with them"),
    ({"box": (1, 2, 3)}, "4 numbers x0, y0, x1, y1"),
    ({"box": [(1, 2, 3, 4)]}, "4 numbers x0, y0, x1, y1"),
    ({"box": (5, 1, 5, 3)}, "x0 < x1 and y0 < y1, got [5.0, 1.0, 5.0, 3.0]"),
    ({"box": (1, 5, 3, 5)}, "x0 < x1 and y0 < y1"),
    ({"box": (3, 1, 1, 3)}, "x0 < x1 and y0 < y1"),
    ({"box": (1, 1, 1.5, 3)}, "at least 1 x 1 pixels (width x height), got 0.5 x 2"),
    ({"box": (0.1, 0.2, 0.6, 0.9)}, "at least 1 x 1 pixels (width x height), got 0.5 x 0.7"),
    ({"box": (1, 1, NAN, 3)}, "finite"),
    ({"box": []}, "4 numbers"),
    ({"box": Points([(1, 2)])}, "Box or None"),
    ({"scribbles": 5}, "a sequence"),
    ({"scribbles": "ab"}, "a sequence"),
    ({"scribbles": [[]]}, "shape (N, 2)"),
    ({"scribbles": [np.empty((0, 2))]}, "1 to 10000 points, got 0"),
    ({"scribbles": [np.zeros((MAX_PATH_POINTS + 1, 2))]}, "1 to 10000 points, got 10001"),
    ({"scribbles": [(1, 2)]}, "scribble"),
    ({"scribbles": [([(1, 2)], 2)]}, "1 (add) or 0 (remove)"),
    ({"scribbles": [([(1, 2)], NAN)]}, "1 (add) or 0 (remove)"),
    ({"scribbles": [([(1, 2)], "1")]}, "1 (add) or 0 (remove)"),
    ({"scribbles": [[(1, -INF)]]}, "finite"),
    ({"polygon": [(0, 0), (1, 1)]}, "3 to 10000 points, got 2"),
    ({"polygon": [(0, 0), (1, 1), (2, 2)]}, "enclose an area"),
    ({"polygon": [(0.1, 0.1), (0.2, 0.2), (0.7, 0.7)]}, "enclose an area"),
    ({"polygon": [(1, 1), (1, 1), (1, 1)]}, "enclose an area"),
    ({"polygon": [(0, 0), (1, NAN), (2, 2)]}, "finite"),
    ({"mask": np.zeros((3, 3), bool)}, "at least one pixel set"),
    ({"mask": np.ones((1, 3, 3), bool)}, "shape (H, W)"),
    ({"mask": np.ones((0, 3), bool)}, "shape (H, W)"),
    ({"mask": np.full((3, 3), 0.5)}, "0 and 255, got float64 from 0.5 to 0.5"),
    ({"mask": np.array([[0, 1, 255]])}, "0 and 255"),
    ({"mask": np.array([[0, -1]])}, "0 and 255"),
    ({"mask": np.array([[NAN, 1]])}, "0 and 255"),
    ({"mask": "m.png"}, "shape (H, W)"),
    ({"examples": 5}, "a sequence"),
    ({"examples": [IMAGE]}, "a pair (image, mask)"),
    ({"examples": [(IMAGE, MARK, 1)]}, "a pair (image, mask)"),
    ({"examples": [(IMAGE[..., 0], MARK)]}, "shape (H, W, 3) of uint8"),
    ({"examples": [(IMAGE / 255, MARK)]}, "shape (H, W, 3) of uint8"),
    ({"examples": [(IMAGE, MARK[:3])]}, "the size of its image"),
    ({"examples": [(IMAGE, ~MARK & MARK)]}, "at least one pixel set"),
    ({"examples": [("a.jpg", "b.png")]}, "shape (H, W, 3)"),
]


@pytest.mark.parametrize(("values", "says"), MALFORMED)
def test_malformed_values_are_refused(values: dict[str, Any], says: str) -> None:
    with pytest.raises(PromptError) as caught:
        Prompt.build(**values)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.expected and caught.value.actual


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)
FIELDS = ["points", "labels", "box", "scribbles", "polygon", "mask", "text", "examples"]


@settings(deadline=None)
@given(st.sampled_from(FIELDS), JUNK)
def test_junk_raises_nothing_but_prompt_errors(field: str, junk: Any) -> None:
    try:
        prompt = Prompt.build(**{field: junk})
        prompt.check_frame((4, 5))
    except PromptError as error:
        assert str(error).isprintable()


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Prompt)])
def test_the_bare_constructor_takes_values_only(field: str) -> None:
    with pytest.raises(PromptError, match=r"Prompt\.build takes plain values"):
        Prompt(**{field: [(1, 2)]})


# --- the frame ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"points": [(1, 1), (5, 1)]}, "point: expected 0 <= x < 5 and 0 <= y < 4, got (5, 1)"),
        ({"points": [(1, 4)]}, "got (1, 4)"),
        ({"points": [(-0.5, 1)]}, "got (-0.5, 1)"),
        ({"scribbles": [[(1, 1), (1, 9)]]}, "scribble: expected 0 <= x < 5"),
        ({"box": (0, 0, 5.5, 4)}, "box: expected 0 <= x <= 5 and 0 <= y <= 4, got (5.5, 4)"),
        ({"box": (-1, 0, 5, 4)}, "got (-1, 0)"),
        ({"polygon": [(0, 0), (6, 0), (6, 4)]}, "polygon: expected 0 <= x <= 5"),
        ({"mask": MARK.T}, "mask: expected the size of the image, 4 x 5"),
        ({}, "to find, got none"),
        ({"negative_text": "a plate"}, "to find, got none"),
        ({"points": [(1, 1)], "labels": [0]}, "only points or strokes that remove"),
        ({"scribbles": [([(1, 1)], 0)]}, "only points or strokes that remove"),
    ],
)
def test_prompts_that_do_not_fit_the_image(values: dict[str, Any], says: str) -> None:
    prompt = Prompt.build(**values)
    with pytest.raises(PromptError) as caught:
        prompt.check_frame((4, 5))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [{"box": (0, 0, 2, 2)}, {"text": "a cup"}, {"mask": MARK}, {"examples": [(IMAGE, MARK)]}],
)
def test_a_removing_point_may_go_with_something_to_find(values: dict[str, Any]) -> None:
    Prompt.build(points=[(1, 1)], labels=[0], **values).check_frame((4, 5))


# --- values -------------------------------------------------------------------------------------


def arrays_of(value: Any) -> list[np.ndarray[Any, Any]]:
    fields = [getattr(value, field.name) for field in dataclasses.fields(value)]
    return [array for array in fields if isinstance(array, np.ndarray)]


def parts() -> list[Any]:
    prompt = everything()
    singles = [prompt.points, prompt.box, prompt.polygon, prompt.mask, prompt.text]
    return [*singles, *prompt.scribbles, *prompt.examples, prompt]


@pytest.mark.parametrize("value", parts(), ids=lambda v: type(v).__name__)
def test_values_are_frozen_and_their_arrays_read_only(value: Any) -> None:
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)
    for array in arrays_of(value):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


@pytest.mark.parametrize("value", parts(), ids=lambda v: type(v).__name__)
def test_copies_are_equal_and_still_read_only(value: Any) -> None:
    copies = [pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)]
    for other in copies:
        assert other == value
        assert not any(array.flags.writeable for array in arrays_of(other))


def test_arrays_are_copies() -> None:
    xy, mask = np.array([[1.0, 2.0]]), MARK.copy()
    prompt = Prompt.build(points=xy, mask=mask)
    xy[:], mask[:] = 9, False
    assert prompt == Prompt.build(points=[(1, 2)], mask=MARK)


@pytest.mark.parametrize(
    "changes",
    [
        {"points": [(1, 2), (3, 4.5)]},
        {"labels": [1, 1]},
        {"box": (0, 0, 5, 3)},
        {"scribbles": []},
        {"scribbles": [([(1, 1), (2, 2)], 0)]},
        {"mask": ~MARK},
        {"text": "another cup"},
        {"negative_text": None},
        {"examples": [(IMAGE + np.uint8(1), MARK)]},
    ],
)
def test_different_content_is_not_equal(changes: dict[str, Any]) -> None:
    assert everything(**changes) != everything()


def test_values_of_different_kinds_are_not_equal() -> None:
    assert Polygon(TRIANGLE) != Scribble(TRIANGLE)
    assert Box((0, 0, 1, 1)) != (0, 0, 1, 1)
    assert Text("a") != "a"
    assert MaskPrompt(MARK) != Example(IMAGE, MARK)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 5, exclude_max=True), st.floats(0, 4, exclude_max=True)), min_size=1
    )
)
def test_points_inside_always_pass(xy: list[tuple[float, float]]) -> None:
    prompt = Prompt.build(points=xy)
    prompt.check_frame((4, 5))
    assert prompt.points is not None
    assert prompt.points.xy.tolist() == [list(point) for point in xy]


# --- examples of what is not meant ------------------------------------------------------------


def test_negative_examples_come_after_the_others_with_label_0() -> None:
    prompt = Prompt.build(examples=[(IMAGE, MARK)], negative_examples=[(IMAGE, MARK)])
    assert [example.label for example in prompt.examples] == [1, 0]
    assert prompt.shows and not prompt.is_empty


def test_an_example_becomes_negative_and_stays_it() -> None:
    shown, denied = Example(IMAGE, MARK), Example(IMAGE, MARK, 0)
    assert shown != denied
    assert Prompt.build(negative_examples=[shown]).examples == (denied,)
    assert Prompt.build(examples=[denied]).examples == (denied,)


@pytest.mark.parametrize("label", [2, -1, "no", None])
def test_label_of_an_example_is_one_or_zero(label: Any) -> None:
    with pytest.raises(PromptError, match="example label: expected 1 or 0"):
        Example(IMAGE, MARK, label)


def test_negative_examples_alone_ask_for_nothing() -> None:
    prompt = Prompt.build(negative_examples=[(IMAGE, MARK)])
    assert prompt.is_empty and not prompt.shows
    with pytest.raises(PromptError, match="expected a point"):
        prompt.check_frame((4, 4))
    clicked = Prompt.build(points=[(1, 1)], negative_examples=[(IMAGE, MARK)])
    clicked.check_frame((4, 4))
