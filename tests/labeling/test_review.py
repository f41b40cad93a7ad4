"""The doubtful images of a run as session files of the page, and what people say of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.errors import DataError, InputError
from biprompt.labeling.order import Order
from biprompt.labeling.review import Review
from biprompt.labeling.rules import Rules
from biprompt.masks import rle_decode, rle_encode

pytestmark = pytest.mark.usefixtures("desk")
MakeOrder = Callable[..., Order]


@pytest.fixture
def folder(label: Any, order: MakeOrder, out: Path, tmp_path: Path) -> Path:
    """Two images of which a click disagrees, one that is plain, one with a doubtful no."""
    lines = [
        {"image": "000.png", "text": "cat"},
        {"image": "001.png", "text": "unicorn"},
        {"image": "001.png", "text": "cat"},
        {"image": "002.png", "text": "dog", "points": [[9, 9], [20, 5]], "labels": [1, 0]},
        {"image": "003.png", "scribbles": [[[1, 1], [4, 4]], [[[9, 9]], 0]], "text": "dog",
         "points": [[9, 9]], "negative_text": "bird", "box": [1, 1, 30, 30], "label": "pet"},
    ]  # fmt: skip
    prompts = tmp_path / "p.jsonl"
    prompts.write_text("\n".join(map(json.dumps, lines)))
    label(order(str(prompts)))
    return out


def test_the_images_come_by_their_largest_doubt_and_each_once(folder: Path) -> None:
    review = Review(folder)
    assert [image.name for image in review.images] == ["002.png", "003.png", "001.png"]
    assert review.images[0].answers == (
        {"id": "1", "label": "dog",
         "why": "words and pointing disagree; predicted IoU 0.30; disagree, presence 0.90"},
    )  # fmt: skip
    assert review.next == 0 and not review.is_done(0)


def test_a_session_shows_photograph_prompts_answers_and_masks(
    folder: Path, images: Path, work: Any
) -> None:
    session = Review(folder).session(2)
    assert (session["format"], session["version"]) == ("biprompt-session", 1)
    head, _, data = session["image"].pop("data").partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data) == (images / "001.png").read_bytes()
    assert session["image"] == {"name": "001.png", "height": 32, "width": 48}
    unicorn, cat = session["document"]["objects"]
    assert session["document"]["active"] == 1 and session["document"]["next"] == 3
    assert unicorn["prompt"]["text"] == unicorn["label"] == "unicorn"
    assert unicorn["answer"]["verdict"] == "absent" and unicorn["answer"]["candidates"] == []
    assert unicorn["answer"]["winner"] is None and not rle_decode(unicorn["answer"]["mask"]).any()
    (candidate,) = cat["answer"]["candidates"]
    assert candidate["mask"] == cat["answer"]["mask"] and cat["answer"]["winner"] == 0
    assert cat["ask"] == cat["answered"] and cat["answer"]["model"] == "fake"
    assert cat["answer"]["policy"] == "similarity"


def test_marks_are_told_as_the_page_keeps_them(folder: Path) -> None:
    (pet,) = Review(folder).session(1)["document"]["objects"]
    assert pet["label"] == "pet" and pet["prompt"] == {
        "points": [{"x": 9, "y": 9, "label": 1}], "box": [1, 1, 30, 30], "polygon": None,
        "scribbles": [
            {"points": [[1, 1], [4, 4]], "label": 1}, {"points": [[9, 9]], "label": 0},
        ],
        "text": "dog", "negative": "bird",
    }  # fmt: skip


def test_what_a_person_keeps_counts_from_then_on(folder: Path) -> None:
    review = Review(folder)
    mask = np.zeros((32, 48), bool)
    mask[2:5, 3:9] = True
    review.correct(0, [{"label": "puppy", "mask": rle_encode(mask)}])
    review.correct(2, [])
    for again in (review, Review(folder)):
        assert [again.is_done(place) for place in range(3)] == [True, False, True]
        assert again.next == 1
        (puppy,) = again.session(0)["document"]["objects"]
        assert puppy["label"] == "puppy" and puppy["prompt"]["box"] == [3, 2, 9, 5]
        assert np.array_equal(rle_decode(puppy["answer"]["mask"]), mask)
        (nothing,) = again.session(2)["document"]["objects"]
        assert nothing["answer"] is None and nothing["label"] is None
    review.correct(1, [])
    assert review.next is None


def test_a_wrong_correction_is_refused(folder: Path) -> None:
    review = Review(folder)
    for mask, message in (
        ({"size": [2, 2], "counts": "04"}, r"mask: expected size \[32, 48\]"),
        ({"size": [32, 48], "counts": "nonsense~"}, "RLE counts"),
    ):
        with pytest.raises(InputError, match=message):
            review.correct(0, [{"label": "x", "mask": mask}])
    assert not (folder / "corrections.jsonl").exists() and not review.is_done(0)


def test_the_page_shows_what_the_rules_made_of_the_masks(
    label: Any, order: MakeOrder, out: Path
) -> None:
    label(order("cat; dog; unicorn", rules=Rules(merge=True, overlap="smaller-on-top")))
    objects = Review(out).session(0)["document"]["objects"]
    masks = [rle_decode(one["answer"]["mask"]) for one in objects]
    assert [one["label"] for one in objects] == ["cat", "unicorn"]
    assert np.sum(masks, axis=0).max() == 1


def test_images_that_no_browser_reads_are_sent_as_png(
    label: Any, order: MakeOrder, out: Path, images: Path
) -> None:
    from PIL import Image

    Image.open(images / "000.png").save(images / "000.tif")
    (images / "000.png").unlink()
    label(order())
    review = Review(out)
    place = [image.name for image in review.images].index("000.tif")
    assert review.session(place)["image"]["data"].startswith("data:image/png;base64,iVBOR")


def test_a_folder_without_results(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DataError, match=r"review folder: expected results of `biprompt label`"):
        Review(tmp_path)
    (folder / "review.jsonl").write_text('{"image": "x"}\n')
    with pytest.raises(DataError, match=r"review.jsonl: line 1: expected a line of the review"):
        Review(folder)
    (folder / "review.jsonl").unlink()
    with pytest.raises(DataError, match=r"review.jsonl: file: expected a readable file"):
        Review(folder)
