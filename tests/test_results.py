"""Answers: checks, the JSON object, and the files they are saved as."""

from __future__ import annotations

import json
import os
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from biprompt.errors import InputError, OutputError
from biprompt.io.formats import FORMATS, files_beside
from biprompt.io.formats.coco import parse_coco
from biprompt.io.formats.geojson import parse_geojson
from biprompt.masks import rle_decode
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard, Source, Verdict, pictures
from biprompt.results.pictures import MOST_SHOWN, _footer, panels
from biprompt.selection import select

H, W = 6, 8
EMPTY = np.zeros((H, W), dtype=bool)
SMALL, LARGE, TEXT = EMPTY.copy(), EMPTY.copy(), EMPTY.copy()
SMALL[1:3, 2:4] = True
LARGE[1:5, 2:7] = True
TEXT[1:5, 2:6] = True
PHOTO = np.random.default_rng(0).integers(0, 256, (H, W, 3), dtype=np.uint8)
KEYS = set(
    "image model verdict presence similarity winner margin mask bbox area candidates text_mask "
    "timings_ms reason text_understood phrase metric policy pool levels".split()
)


def make_card(**changed: Any) -> SelectionCard:
    candidates = (
        Candidate("point", 0, 0.9, 0.25, SMALL),
        Candidate("point", 1, 0.7, 0.8, LARGE),
    )
    return replace(
        SelectionCard(
            candidates,
            TEXT,
            winner=1,
            similarity=0.8,
            margin=0.55,
            metric="iou",
            policy="similarity",
            pool="paper",
            reason="Candidate 2 of 2 (point) overlaps the text mask most (IoU 0.80, next 0.25).",
            text_understood=True,
            timings_ms={"embed": 27.123456789, "decode": 9.0},
        ),
        **changed,
    )


def make_answer(card: SelectionCard | None = None, **changed: Any) -> Segmentation:
    answer = Segmentation(
        LARGE,
        Verdict.FOUND,
        0.93,
        make_card() if card is None else card,
        "compact",
        image_path="photos/kitchen.jpg",
        phrase="the red cup",
        image=PHOTO,
        prompt=Prompt.build(points=[(3, 2)], text="the red cup"),
    )
    return replace(answer, **changed)


def absent() -> Segmentation:
    card = make_card(winner=None, similarity=None, margin=None, text_mask=EMPTY)
    return make_answer(card, mask=EMPTY, verdict=Verdict.ABSENT, presence=0.02)


def is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str and is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(is_plain, value))
    return value is None or type(value) in (str, int, float, bool)


# --- values ---------------------------------------------------------------------------------


def test_verdicts_are_their_words() -> None:
    assert [str(verdict) for verdict in Verdict] == ["found", "absent", "disagree"]
    assert Verdict.FOUND == "found"


def test_sources_are_their_words() -> None:
    words = ["point", "joint", "text", "text@click", "refine", "part", "mean"]
    words += ["drawn", "example"]
    assert [str(source) for source in Source] == words
    for word in words:
        candidate = Candidate(word, 0, 0.9, None, SMALL)
        assert isinstance(candidate.source, Source) and candidate.source == word
        written = json.loads(json.dumps(candidate.to_dict()))["source"]
        assert written == word and type(candidate.to_dict()["source"]) is str
        card = make_card(candidates=(candidate,), winner=0, text_mask=None)
        assert panels(make_answer(card))[0].lines


def test_answers_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        make_answer().verdict = Verdict.ABSENT  # type: ignore[misc]


def test_repr_shows_no_pixels() -> None:
    assert "array" not in repr(make_answer())


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Candidate("point", 0, 0.9, None, SMALL[0]), r"candidate mask: .*\(8,\)"),
        (lambda: Candidate("point", 0, 0.9, None, SMALL.astype(int)), "candidate mask: .*int"),
        (lambda: Candidate("guess", 0, 0.9, None, SMALL), "source: expected point, joint, text, "),
        (lambda: make_card(winner=2), "winner: expected None or 0 to 1, got 2"),
        (lambda: make_card(winner=-1), "winner: expected None or 0 to 1, got -1"),
        (lambda: make_card(candidates=()), "winner: expected None, got 1"),
        (lambda: make_card(text_mask=TEXT.T), "masks of a card: expected one size"),
        (lambda: make_card(text_mask=TEXT[0]), "text mask: expected"),
        (lambda: make_answer(mask=LARGE.T), r"masks of the card: expected shape \(8, 6\)"),
        (lambda: make_answer(mask=LARGE.astype(float)), "mask: .*float64"),
        (lambda: make_answer(image=PHOTO[:, :, 0]), r"image: expected shape \(6, 8, 3\)"),
        (lambda: make_answer(image=PHOTO / 255), "image: .*float64"),
        (lambda: make_answer(presence=1.5), "presence: expected a number from 0 to 1"),
        (lambda: make_answer(presence=float("nan")), "presence: expected a number from 0 to 1"),
    ],
)
def test_what_does_not_fit_is_refused(make: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        make()


# --- the JSON object ------------------------------------------------------------------------


def test_the_object_of_an_answer() -> None:
    found = make_answer().to_dict()
    assert set(found) == KEYS
    assert found["image"] == {"path": "photos/kitchen.jpg", "height": H, "width": W}
    assert (found["model"], found["verdict"], found["presence"]) == ("compact", "found", 0.93)
    assert (found["winner"], found["similarity"], found["margin"]) == (1, 0.8, 0.55)
    assert (found["bbox"], found["area"]) == ([2, 1, 5, 4], 20)
    assert found["timings_ms"] == {"embed": 27.123457, "decode": 9.0}
    assert (found["phrase"], found["text_understood"]) == ("the red cup", True)
    first = found["candidates"][0]
    assert set(first) == {"source", "index", "score", "similarity", "area", "mask"}
    assert (first["source"], first["index"], first["score"]) == ("point", 0, 0.9)
    assert (first["similarity"], first["area"]) == (0.25, 4)
    assert found["mask"]["size"] == [H, W]


def test_the_object_of_an_absent_answer() -> None:
    found = absent().to_dict()
    assert (found["verdict"], found["winner"], found["margin"]) == ("absent", None, None)
    assert (found["area"], found["bbox"]) == (0, [0, 0, 0, 0])
    assert not rle_decode(found["mask"]).any()


def test_the_object_without_words_or_path() -> None:
    card = make_card(text_mask=None, similarity=None, text_understood=None)
    found = make_answer(card, image_path=None, phrase=None, presence=None).to_dict()
    for key in ("text_mask", "similarity", "text_understood", "phrase", "presence"):
        assert found[key] is None
    assert found["image"]["path"] is None


def test_the_object_is_plain_json() -> None:
    candidates = (
        Candidate("point", np.int64(0), np.float32(0.9), np.float64(0.5), SMALL),  # type: ignore[arg-type]
        Candidate("point", 1, float("nan"), float("inf"), LARGE),
    )
    card = make_card(
        candidates=candidates,
        winner=np.int64(0),
        similarity=np.float32(0.5),
        margin=float("nan"),
        text_understood=np.bool_(True),
        timings_ms={"embed": np.float32(1.5)},
    )
    found = make_answer(card, presence=np.float32(0.25)).to_dict()
    assert is_plain(found)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["candidates"][0]["score"] == 0.9
    assert found["candidates"][1]["score"] is None
    assert found["candidates"][1]["similarity"] is None
    assert found["margin"] is None


@settings(max_examples=50, deadline=None)
@given(
    hnp.arrays(bool, st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9))),
    st.none() | st.floats(0, 1),
    st.booleans(),
)
def test_choices_survive_the_json_round_trip(
    masks: np.ndarray, presence: float | None, words: bool
) -> None:
    scores = [0.5] * len(masks)
    text_mask = masks[0] if words else None
    choice = select(masks, scores, ["point"] * len(masks), text_mask=text_mask, presence=presence)
    alike = [None] * len(masks) if choice.similarities is None else list(choice.similarities)
    card = SelectionCard(
        tuple(
            Candidate("point", i, 0.5, value, mask)
            for i, (mask, value) in enumerate(zip(masks, alike, strict=True))
        ),
        text_mask,
        choice.winner,
        choice.similarity,
        choice.margin,
        "iou",
        "similarity",
        "paper",
        choice.reason,
    )
    found = Segmentation(choice.mask, choice.verdict, presence, card, "compact").to_dict()
    assert is_plain(found)
    back = json.loads(json.dumps(found, allow_nan=False))
    assert np.array_equal(rle_decode(back["mask"]), choice.mask)
    for item, mask in zip(back["candidates"], masks, strict=True):
        assert np.array_equal(rle_decode(item["mask"]), mask)
    assert back["area"] == choice.mask.sum()


# --- files ----------------------------------------------------------------------------------


def test_save_png(tmp_path: Path) -> None:
    path = tmp_path / "cup.png"
    make_answer().save(path)
    assert np.array_equal(np.asarray(Image.open(path)), LARGE * 255)


@pytest.mark.parametrize(("name", "format"), [("cup.json", None), ("cup.dat", "coco")])
def test_save_coco(tmp_path: Path, name: str, format: str | None) -> None:
    make_answer().save(tmp_path / name, format=format)
    (image,) = parse_coco((tmp_path / name).read_bytes())
    (thing,) = image.objects
    assert (image.file_name, image.hw) == ("kitchen.jpg", (H, W))
    assert (thing.label, thing.score) == ("the red cup", 0.7)
    assert np.array_equal(thing.mask, LARGE)


def test_save_coco_of_an_absent_answer_has_no_object(tmp_path: Path) -> None:
    absent().save(tmp_path / "cup.json")
    (image,) = parse_coco((tmp_path / "cup.json").read_bytes())
    assert (image.hw, image.objects) == ((H, W), ())


@pytest.mark.parametrize("format", FORMATS)
def test_save_in_every_format(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"cup{FORMATS[format].suffix}"
    make_answer().save(path, format)
    assert {p.name for p in tmp_path.iterdir()} == {
        path.name, *map(os.path.basename, files_beside(path, FORMATS[format]))
    }  # fmt: skip
    assert path.stat().st_size


def test_save_outlines_with_a_tolerance(tmp_path: Path) -> None:
    make_answer().save(tmp_path / "cup.geojson", tolerance=0.4)
    (thing,) = parse_geojson((tmp_path / "cup.geojson").read_bytes()).objects
    assert (thing.label, thing.score) == ("the red cup", 0.7)
    assert np.array_equal(thing.mask, LARGE)
    for asked in ({"path": "cup.png", "tolerance": 1.0}, {"path": "b.txt", "tolerance": -1.0}):
        with pytest.raises(InputError, match="tolerance"):
            make_answer().save(tmp_path / str(asked.pop("path")), **asked)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_beside_is_not_replaced_either(tmp_path: Path) -> None:
    (tmp_path / "cup.classes.txt").write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"cup\.classes\.txt.*force"):
        make_answer().save(tmp_path / "cup.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["cup.classes.txt"]
    make_answer().save(tmp_path / "cup.txt", force=True)
    assert (tmp_path / "cup.classes.txt").read_text() == "the red cup\n"


def test_the_picture_format_needs_the_photograph(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="image: expected the photograph"):
        make_answer(image=None).save(tmp_path / "o.png", "overlay")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", [None, "photos/caf\udce9.jpg"])
def test_save_coco_of_an_unusual_name(tmp_path: Path, path: str | None) -> None:
    make_answer(image_path=path, phrase=None).save(tmp_path / "cup.json")
    (image,) = parse_coco((tmp_path / "cup.json").read_bytes())
    assert image.file_name == ("image" if path is None else "caf�.jpg")


@pytest.mark.parametrize("method", ["save", "save_overlay", "save_card"])
def test_an_existing_file_stays_without_force(tmp_path: Path, method: str) -> None:
    path = tmp_path / "cup.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"force"):
        getattr(make_answer(), method)(path)
    assert path.read_bytes() == b"mine"
    getattr(make_answer(), method)(path, force=True)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert [entry.name for entry in tmp_path.iterdir()] == ["cup.png"]


@pytest.mark.parametrize(
    "asked",
    [
        {"path": "cup.bmp"},
        {"path": "cup.png", "format": "tiff"},
        {"path": "cup.png", "format": "coco"},
    ],
)
def test_save_refuses_other_formats(tmp_path: Path, asked: dict[str, str]) -> None:
    with pytest.raises(OutputError):
        make_answer().save(tmp_path / asked["path"], format=asked.get("format"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("method", ["save", "save_overlay", "save_card"])
def test_a_folder_is_no_file_to_save_to(tmp_path: Path, method: str) -> None:
    with pytest.raises(OutputError, match=r"output file: expected a file name, got a folder"):
        getattr(make_answer(), method)(tmp_path)


def test_overlay_has_the_size_of_the_photograph(tmp_path: Path) -> None:
    make_answer().save_overlay(tmp_path / "o.png")
    with Image.open(tmp_path / "o.png") as picture:
        assert (picture.size, picture.mode) == ((W, H), "RGB")


@pytest.mark.parametrize("method", ["save_overlay", "save_card"])
def test_pictures_need_the_photograph(tmp_path: Path, method: str) -> None:
    with pytest.raises(InputError, match="image of the answer"):
        getattr(make_answer(image=None), method)(tmp_path / "o.png")
    assert not list(tmp_path.iterdir())


# --- the selection card ---------------------------------------------------------------------


def test_the_card_shows_words_and_candidates(tmp_path: Path) -> None:
    words, first, second = panels(make_answer())
    assert (words.title, words.winner) == ("What the words outline", False)
    assert words.mask is TEXT
    assert words.lines == ("presence 0.93",)
    assert (first.title, first.winner, first.score) == ("Candidate 1", False, 0.9)
    assert (second.title, second.winner, second.similarity) == ("Candidate 2", True, 0.8)
    make_answer().save_card(tmp_path / "c.png")
    with Image.open(tmp_path / "c.png") as picture:
        assert picture.mode == "RGB"


def test_of_many_candidates_the_card_shows_the_winner_and_the_surest() -> None:
    scores = [0.1 * (place % 7) for place in range(20)]
    many = tuple(Candidate("point", i, score, 0.5, LARGE) for i, score in enumerate(scores))
    answer = make_answer(make_card(candidates=many, winner=7))  # its score is 0
    shown = panels(answer)[1:]
    assert [panel.winner for panel in shown] == [True] + [False] * (MOST_SHOWN - 1)
    assert shown[0].title == "Candidate 8"
    assert {panel.title for panel in shown[1:3]} == {"Candidate 7", "Candidate 14"}
    assert f"{MOST_SHOWN} of 20 candidates shown" in _footer(answer)
    assert "shown" not in _footer(make_answer())


def test_the_card_of_words_alone_shows_them_once() -> None:
    card = make_card(
        candidates=(Candidate("text", 0, 0.8, None, TEXT),),
        winner=0,
        similarity=None,
        margin=None,
    )
    (only,) = panels(make_answer(card, mask=TEXT))
    assert (only.title, only.winner, only.score) == ("What the words outline", True, 0.8)
    assert only.lines == ("presence 0.93",)


def test_the_card_of_an_absent_answer_has_no_winner(tmp_path: Path) -> None:
    shown = panels(absent())
    assert not any(panel.winner for panel in shown)
    assert shown[0].lines == ("nothing outlined", "presence 0.02")
    absent().save_card(tmp_path / "c.png")


def test_the_card_hides_a_text_mask_that_means_nothing() -> None:
    card = make_card(text_understood=False, similarity=None)
    words = panels(make_answer(card))[0]
    assert words.mask is None
    assert words.lines == ("no word of the phrase is known to the model",)


def test_the_card_without_words_shows_the_candidates() -> None:
    card = make_card(text_mask=None, similarity=None, text_understood=None)
    shown = panels(make_answer(card, phrase=None, presence=None))
    assert [panel.title for panel in shown] == ["Candidate 1", "Candidate 2"]


def test_the_card_without_candidates_shows_the_photograph(tmp_path: Path) -> None:
    card = make_card(candidates=(), text_mask=None, winner=None, similarity=None, margin=None)
    answer = make_answer(card, mask=EMPTY, verdict=Verdict.ABSENT)
    (only,) = panels(answer)
    assert only.mask is None
    answer.save_card(tmp_path / "c.png")


def _stairs() -> Segmentation:
    """Two sizes of one thing, and what the words outline, which is no step of the click."""
    return make_answer(make_card(winner=1))


def test_levels_of_the_card() -> None:
    card = make_card()
    assert card.rungs == (0, 1)
    # of two levels, the object is the one with the higher predicted IoU
    assert card.levels == {"part": 0, "object": 0, "whole": 1}
    alike = replace(card, candidates=(card.candidates[0], replace(card.candidates[0], index=1)))
    assert alike.rungs == (0,) and set(alike.levels.values()) == {0}
    words = Candidate("text", 0, 0.8, None, TEXT)
    assert replace(card, candidates=(words,), winner=0).levels == {}


def test_step_goes_to_the_next_size_and_stays_at_the_ends() -> None:
    large = _stairs()
    small = large.step(-1)
    np.testing.assert_array_equal(small.mask, SMALL)
    assert small.card.winner == 0 and small.verdict is Verdict.FOUND
    assert small.card.similarity == 0.25 and small.card.margin is None
    assert "Step 1 of 2" in small.card.reason
    assert small.step(-1) is small and large.step() is large and large.step(0) is large
    np.testing.assert_array_equal(small.step(7).mask, LARGE)


def test_step_of_an_absent_answer_and_of_no_number() -> None:
    absent = make_answer(make_card(winner=None), mask=EMPTY, verdict=Verdict.ABSENT)
    assert absent.step() is absent
    with pytest.raises(InputError, match="step: expected a whole number"):
        _stairs().step(0.5)  # type: ignore[arg-type]


def test_the_card_names_the_levels() -> None:
    lines = [panel.lines for panel in panels(_stairs())][1:]
    assert "part and object" in lines[0] and "whole" in lines[1]


# --- examples -------------------------------------------------------------------------------


def test_card_of_an_answer_to_examples_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def card_image(*given: Any, headline: str, **rest: Any) -> Any:
        told.append(headline)
        return PHOTO

    monkeypatch.setattr("biprompt.io.draw.card_image", card_image)
    shown = [(PHOTO, np.ones(PHOTO.shape[:2], np.bool_))]
    for values in ({"examples": shown}, {"examples": shown, "points": [(3, 2)]}):
        pictures.card_pixels(make_answer(phrase=None, prompt=Prompt.build(**values)))
    assert told == ["What the examples show", "What was pointed at"]
