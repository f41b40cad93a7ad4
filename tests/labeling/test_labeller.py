"""From an item to a line: answers of one call, failures of an image or of a prompt."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from biprompt.errors import OutputError
from biprompt.labeling.answers import describe
from biprompt.labeling.labeller import Facts, Labeller
from biprompt.labeling.lines import decode_line, head_of
from biprompt.labeling.storage import LocalStorage
from biprompt.labeling.values import Ask, Item, Settings
from biprompt.masks import rle_decode
from biprompt.results import Candidate, Segmentation, SelectionCard, Verdict


@pytest.fixture
def ask(work: ModuleType, tmp_path: Path) -> Any:
    """Ask the fake model of an image of 48 x 32 pixels; the values of the line."""

    def ask(*asks: Ask, source: str = "", common: tuple[Ask, ...] = (), cards: bool = False) -> Any:
        if not source:
            work.write_images(tmp_path / "images", 1)
            source = str(tmp_path / "images" / "000.png")
        model, facts = work.FakeModel(), Facts("fake", "1")
        storage = LocalStorage(tmp_path / "out")
        labeller = Labeller(model, facts, common, Settings(cards=cards), storage)
        line = labeller(Item(4, "a/b.png", source, "a/b", asks))
        assert head_of(line) is not None
        ask.calls = model.calls  # type: ignore[attr-defined]
        return decode_line(line)

    return ask


CAT = Ask("1", "cat", {"text": "cat"})
CLICK = Ask("2", "cup", {"points": [[10, 10]]})
UNICORN = Ask("3", "unicorn", {"text": "unicorn"})
OUTSIDE = Ask("4", "cup", {"box": [0, 0, 99, 10]})


def test_all_prompts_of_an_image_go_in_one_call(ask: Any) -> None:
    record = ask(CLICK, UNICORN, common=(CAT,))
    assert ask.calls == [3]
    assert (record["item"], record["ok"], record["image"]) == (4, True, "a/b.png")
    assert (record["height"], record["width"], record["failed"]) == (32, 48, [])
    cat, cup, unicorn = record["objects"]
    assert [(one["id"], one["label"], one["verdict"]) for one in record["objects"]] == [
        ("1", "cat", "found"), ("2", "cup", "found"), ("3", "unicorn", "absent"),
    ]  # fmt: skip
    assert cat["prompt"] == {"text": "cat"} and cat["presence"] == 0.9 and cat["score"] == 0.95
    mask = rle_decode(cup["mask"])
    assert mask[10, 10] and cup["area"] == np.count_nonzero(mask) and cup["bbox"] == [5, 5, 11, 11]
    assert unicorn["area"] == 0 and unicorn["winner"] is None and unicorn["score"] is None
    assert unicorn["candidates"][0]["source"] == "text"


def test_the_same_item_gives_the_same_values_and_no_times(ask: Any) -> None:
    first = ask(CAT, CLICK)
    assert ask(CAT, CLICK) == first and not any("time" in name for name in first["objects"][0])


def test_a_prompt_that_cannot_be_asked_spoils_no_other(ask: Any) -> None:
    broken = Ask("5", "cup", {"box": "wide"})
    record = ask(OUTSIDE, CAT, broken, Ask("6", "x", {}))
    assert record["ok"] and [one["id"] for one in record["objects"]] == ["1"]
    assert [(one["id"], one["error"].partition(":")[0]) for one in record["failed"]] == [
        ("4", "box"), ("5", "box"), ("6", "prompt"),
    ]  # fmt: skip
    assert "expected 0 <= x <= 48" in record["failed"][0]["error"]


def test_where_no_prompt_can_be_asked_the_image_fails(ask: Any) -> None:
    record = ask(OUTSIDE)
    assert not record["ok"] and record["error"].startswith("box: expected 0 <= x <= 48")
    assert [one["id"] for one in record["failed"]] == ["4"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"", "an empty file"),
        (b"GIF89a", "data: expected"),
        (b"x" * 50, "something else"),
    ],
)
def test_an_image_that_cannot_be_read_fails(
    ask: Any, tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "broken.png"
    if content is not None:
        path.write_bytes(content)
    record = ask(CAT, source=str(path))
    assert not record["ok"] and message in record["error"] and str(path) in record["error"]
    assert "objects" not in record


def test_a_phrase_that_the_model_refuses_fails_alone(ask: Any) -> None:
    record = ask(CAT, Ask("2", "long", {"text": "long"}))
    assert [one["id"] for one in record["objects"]] == ["1"]
    assert record["failed"][0]["error"] == "phrase: expected fewer words, got many"
    assert ask.calls == [2, 1, 1]


def test_a_model_that_fails_on_an_image_fails_that_image(ask: Any) -> None:
    record = ask(CAT, Ask("2", "boom", {"text": "boom"}))
    assert not record["ok"] and record["error"] == "the model broke"


def test_the_rival_is_the_next_best_candidate() -> None:
    def candidate(score: float, rows: int, similarity: float | None = None) -> Candidate:
        mask = np.zeros((4, 4), bool)
        mask[:rows] = True
        return Candidate("point", 0, score, similarity, mask)

    def rival(winner: int | None, *candidates: Candidate) -> float | None:
        mask = np.zeros((4, 4), bool) if winner is None else candidates[winner].mask
        verdict = Verdict.ABSENT if winner is None else Verdict.FOUND
        card = SelectionCard(
            candidates, None, winner, None, None, "iou", "similarity", "paper", "As asked."
        )
        found: float | None = describe(CAT, Segmentation(mask, verdict, None, card, "x"))["rival"]
        return found

    assert rival(0, candidate(0.9, 4), candidate(0.8, 2), candidate(0.7, 3)) == 0.5
    assert rival(0, candidate(0.9, 4, 0.9), candidate(0.8, 2, 0.1), candidate(0.7, 3, 0.5)) == 0.75
    assert rival(1, candidate(0.9, 4), candidate(0.8, 2)) == 0.5
    assert rival(0, candidate(0.9, 4), candidate(0.8, 0)) is None
    assert rival(0, candidate(0.9, 4)) is None and rival(None, candidate(0.9, 4)) is None


def test_cards_are_pictures_beside_the_results(ask: Any, tmp_path: Path) -> None:
    ask(CAT, CLICK, cards=True)
    cards = sorted((tmp_path / "out" / "cards" / "a").iterdir())
    assert [card.name for card in cards] == ["b-1-cat.png", "b-2-cup.png"]
    assert cards[0].read_bytes().startswith(b"\x89PNG")


def test_a_card_that_cannot_be_written_is_not_the_fault_of_the_image(
    ask: Any, tmp_path: Path
) -> None:
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(OutputError):
        ask(CAT, cards=True)


def test_images_behind_urls(ask: Any, tmp_path: Path, work: ModuleType) -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    work.write_images(tmp_path, 1)
    fsspec.filesystem("memory").pipe_file("/there/a.png", (tmp_path / "000.png").read_bytes())
    assert ask(CAT, source="memory://there/a.png")["ok"]
    lost = ask(CAT, source="memory://there/b.png")
    assert lost["error"].startswith("memory://there/b.png: image file: expected a readable file")
