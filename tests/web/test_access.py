"""Everybody: keys only, a screen reader, a phone, light and dark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .driver import Bench

PHONE = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True,
    "device_scale_factor": 2,
}  # fmt: skip
NAMELESS = """() => [...document.querySelectorAll("button, input, select, canvas[tabindex]")]
    .filter((one) => one.checkVisibility() && !one.getAttribute("aria-label")
        && !one.labels?.length && !one.textContent.trim())
    .map((one) => one.outerHTML)"""


def test_by_keys_alone(bench: Bench):
    page = bench.page
    page.locator("#examples button").first.wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        if "Chelsea" in bench.run("() => document.activeElement.textContent"):
            break
    outline = bench.run("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus is not to be seen"
    page.keyboard.press("Enter")
    bench.opened("chelsea.jpg")

    # The photograph has the focus: walk and point.
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    with page.expect_request("**/segment") as asked:
        page.keyboard.press("Enter")
    bench.answered()
    point = json.loads(asked.value.post_data)["prompts"][0]["points"][0]
    assert point["label"] == 1
    assert point["x"] == pytest.approx(225.5, abs=1)
    assert point["y"] < 145

    page.keyboard.press("t")
    page.keyboard.type("cat")
    page.keyboard.press("Enter")
    bench.answered()
    assert "agrees with “cat”" in bench.headline
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    assert bench.headline == "Your choice: candidate 1"
    page.keyboard.press("0")
    assert bench.headline == "Your choice: what the phrase outlines"
    page.keyboard.press("g")
    assert bench.headline.startswith("Found")
    page.keyboard.press("Control+z")
    assert bench.headline == "Your choice: what the phrase outlines"
    page.keyboard.press("Control+Shift+Z")
    assert bench.headline.startswith("Found")

    # A box for a second object, then a correction.
    page.keyboard.press("n")
    page.keyboard.press("b")
    page.locator("#marks").focus()
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        for _ in range(24):
            page.keyboard.press(key)
    page.keyboard.press("Enter")
    bench.answered()
    assert bench.headline == "Found from the box alone"
    page.keyboard.press("c")
    with page.expect_request("**/segment") as asked:
        page.keyboard.press("Shift+Enter")
    bench.answered()
    assert json.loads(asked.value.post_data)["prompts"][0]["points"][0]["label"] == 0
    assert len(bench.objects) == 2

    page.keyboard.press("Delete")
    assert len(bench.objects) == 1
    page.keyboard.press("e")
    page.locator("#formats input").first.wait_for()
    with page.expect_download():
        page.keyboard.press("Enter")


def test_the_crosshair_says_where_it_is(bench: Bench, photo: Path):
    bench.open(photo)
    bench.click(220, 140)
    bench.page.locator("#marks").focus()
    bench.page.keyboard.press("ArrowLeft")
    bench.page.locator("#live", has_text="on Object 1").wait_for(state="attached")


def test_keys_are_listed_and_can_be_switched_off(bench: Bench, photo: Path):
    bench.open(photo)
    bench.key("?")
    bench.page.locator("#help-window", has_text="take that candidate").wait_for()
    bench.page.locator("#single-keys").uncheck()
    bench.page.keyboard.press("Escape")
    bench.key("b")
    assert bench.page.locator('[data-tool="box"]').get_attribute("aria-pressed") == "false"


def test_letters_typed_as_words_are_no_shortcuts(bench: Bench, photo: Path):
    bench.open(photo)
    bench.page.locator("#phrase").press_sequentially("bench")
    assert bench.page.locator('[data-tool="click"]').get_attribute("aria-pressed") == "true"
    assert bench.objects == ["Object 1"] or bench.objects == ["bench"]


def test_every_control_has_a_name(bench: Bench, photo: Path):
    assert bench.run(NAMELESS) == []
    bench.open(photo)
    bench.click(220, 140)
    bench.name("cat")
    assert bench.run(NAMELESS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(bench: Bench, photo: Path, scheme: str):
    bench.page.emulate_media(color_scheme=scheme)
    bench.open(photo)
    bench.click(220, 140)
    bench.name("cat")
    for chosen in ("#headline", "#reason", ".tile.taken .note", ".tile .of", "#foot", "#export"):
        assert bench.run(CONTRAST, chosen) >= 4.5, chosen


CONTRAST = """(chosen) => {
    const channels = (colour) => {
        const context = new OffscreenCanvas(1, 1).getContext("2d");
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const light = (colour) => {
        const [r, g, b] = channels(colour).slice(0, 3).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const element = document.querySelector(chosen);
    let ground = element;
    const behind = () => getComputedStyle(ground).backgroundColor;
    while (channels(behind())[3] < 255) ground = ground.parentElement;
    const colours = [getComputedStyle(element).color, behind()];
    const [one, other] = colours.map(light).sort((a, b) => b - a);
    return (one + 0.05) / (other + 0.05);
}"""


class TestPhone:
    """The same page on a phone."""

    @pytest.fixture
    def window(self) -> dict[str, Any]:
        return PHONE

    def test_tap_name_and_overrule(self, bench: Bench, photo: Path):
        bench.open(photo)
        bench.page.touchscreen.tap(*bench.place(220, 140))
        bench.answered()
        bench.name("cat")
        assert "agrees with “cat”" in bench.headline
        bench.page.locator(".tile", has_text="Candidate 1").tap()
        assert bench.headline == "Your choice: candidate 1"
        assert bench.run("() => document.documentElement.scrollWidth") <= 390

    def test_a_long_press_removes(self, bench: Bench, photo: Path):
        bench.open(photo)
        bench.page.touchscreen.tap(*bench.place(220, 140))
        bench.answered()
        x, y = bench.place(430, 220)
        touch = bench.page.context.new_cdp_session(bench.page)
        with bench.page.expect_request("**/segment") as asked:
            down = {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
            touch.send("Input.dispatchTouchEvent", down)
            bench.page.wait_for_timeout(700)
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        bench.answered()
        points = json.loads(asked.value.post_data)["prompts"][0]["points"]
        assert [point["label"] for point in points] == [1, 0]

    def test_two_fingers_magnify(self, bench: Bench, photo: Path):
        bench.open(photo)
        before = bench.page.locator("#scale").text_content()
        touch = bench.page.context.new_cdp_session(bench.page)
        x, y = bench.place(220, 140)

        def fingers(kind: str, apart: int) -> None:
            places = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
            points = [] if kind == "touchEnd" else places
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        fingers("touchStart", 30)
        for apart in (40, 60, 80):
            fingers("touchMove", apart)
        fingers("touchEnd", 0)
        assert bench.page.locator("#scale").text_content() != before
        assert bench.headline == "Nothing asked yet"
