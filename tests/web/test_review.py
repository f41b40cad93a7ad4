"""A person steps through the doubtful images of a run, corrects one, and keeps it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from biprompt.cli import main
from biprompt.masks import rle_decode

from .conftest import opened, serving
from .driver import Bench

EXAMPLES = Path(__file__).parents[2] / "examples"
GIVEN = [str(EXAMPLES), "--prompts", "cat; cup", "--doubt", "0.05"]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled") / "set"
    assert main(["label", *GIVEN, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def results(labelled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(labelled, tmp_path / "set"))


@pytest.fixture
def desk(browser: Any, results: Path, window: dict[str, Any]) -> Iterator[Bench]:
    with (
        serving(arguments=("--review", str(results))) as url,
        opened(browser, url, **window) as bench,
    ):
        yield bench


def stands(bench: Bench, words: str) -> None:
    from playwright.sync_api import expect

    expect(bench.page.locator("#review-title")).to_have_text(words)


def test_look_correct_keep_go_on_and_write_the_data_set(desk: Bench, results: Path) -> None:
    stands(desk, "Review, 1 of 3")
    page = desk.page
    names = []
    for number in (1, 2, 3):
        stands(desk, f"Review, {number} of 3")
        assert page.locator("#review-why").text_content()
        names.append(page.locator("#photo-name").text_content().partition(" ")[0])
        assert desk.objects == ["cat", "cup"]
        if number < 3:
            page.locator("#review-skip").click()
    assert sorted(names) == ["astronaut.jpg", "chelsea.jpg", "coffee.jpg"]
    assert page.locator("#review-skip").is_disabled()

    for _ in range(2 - names.index("chelsea.jpg")):
        page.locator("#review-back").click()
    stands(desk, f"Review, {1 + names.index('chelsea.jpg')} of 3")
    desk.size = (451, 300)
    page.locator("#objects li").first.click(position={"x": 3, "y": 3})
    before = desk.masks()[0]
    desk.click(30, 30, button="right")
    after = desk.masks()[0]
    assert after != before
    page.locator("#review-keep").click()
    if names.index("chelsea.jpg") < 2:
        stands(desk, f"Review, {2 + names.index('chelsea.jpg')} of 3")
    else:
        page.locator("#notice-text", has_text="That was the last one").wait_for()

    (line,) = map(json.loads, (results / "corrections.jsonl").read_text().splitlines())
    assert line["image"] == "chelsea.jpg" and line["objects"][0]["label"] == "cat"
    assert main(["label", *GIVEN, "--out", str(results)]) == 0
    document = json.loads((results / "instances.json").read_text())
    numbers = {image["file_name"]: image["id"] for image in document["images"]}
    (found,) = [one for one in document["annotations"] if one["image_id"] == numbers["chelsea.jpg"]]
    assert found["biprompt"]["verdict"] == "corrected"
    assert (rle_decode(found["segmentation"]) == rle_decode(line["objects"][0]["mask"])).all()


def test_the_key_keeps_too_and_a_reload_goes_on_where_it_was(desk: Bench, results: Path) -> None:
    stands(desk, "Review, 1 of 3")
    desk.key("r")
    stands(desk, "Review, 2 of 3")
    desk.page.reload()
    stands(desk, "Review, 2 of 3")
    desk.page.locator("#review-back").click()
    stands(desk, "Review, 1 of 3, kept")
    assert len((results / "corrections.jsonl").read_text().splitlines()) == 1


def test_without_a_review_there_is_no_sign_of_one(bench: Bench, photo: Path) -> None:
    bench.open(photo)
    assert bench.page.locator("#review").is_hidden()
