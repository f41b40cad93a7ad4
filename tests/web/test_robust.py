"""Slow, busy and forgetful servers; files and words that mean harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .driver import Bench


def test_a_slow_answer_never_overtakes_a_newer_one(bench: Bench, photo: Path):
    bench.open(photo)
    held: list = []

    def hold(route):
        """The first question waits; the others pass."""
        if held:
            route.continue_()
        else:
            held.append(route)

    bench.page.route("**/segment", hold)
    bench.page.mouse.click(*bench.place(400, 40))
    bench.page.locator('#card[data-state="pending"]').wait_for()
    bench.page.mouse.click(*bench.place(220, 140))
    bench.answered()
    newest = bench.headline, bench.page.locator("#tiles").inner_text()
    assert newest[0] == "Found from the clicks alone"
    stale = {"answers": [{"verdict": "absent", "candidates": [], "presence": None}]}
    held[0].fulfill(status=200, json=stale)
    bench.page.wait_for_timeout(300)
    assert (bench.headline, bench.page.locator("#tiles").inner_text()) == newest


def test_objects_do_not_wait_for_each_other(bench: Bench, photo: Path):
    bench.open(photo)
    held: list = []
    bench.page.route("**/segment", lambda route: route.continue_() if held else held.append(route))
    bench.page.mouse.click(*bench.place(400, 40))
    bench.key("n")
    bench.click(220, 140)
    held[0].continue_()
    bench.key("[")
    bench.answered()
    assert len(bench.masks()) == 2


def test_a_busy_server_is_asked_again(bench: Bench, photo: Path):
    bench.open(photo)
    bench.forgiven.append("503")
    tries: list[str] = []

    def busy_once(route):
        tries.append(route.request.url)
        if len(tries) == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": {}})
        else:
            route.continue_()

    bench.page.route("**/segment", busy_once)
    bench.click(220, 140)
    assert len(tries) == 2


def test_a_failure_is_said_and_can_be_tried_again(bench: Bench, photo: Path):
    bench.open(photo)
    bench.forgiven.append("500")
    error = {"error": {"message": "the model failed"}}
    bench.page.route("**/segment", lambda route: route.fulfill(status=500, json=error), times=1)
    bench.page.mouse.click(*bench.place(220, 140))
    notice = bench.page.locator("#notice", has_text="No answer: the model failed")
    notice.wait_for()
    notice.get_by_role("button", name="Try again").click()
    bench.answered()


def test_a_server_that_is_gone_is_said_so(bench: Bench, photo: Path):
    bench.open(photo)
    bench.forgiven.append("ERR_FAILED")
    bench.page.route("**/segment", lambda route: route.abort())
    bench.page.mouse.click(*bench.place(220, 140))
    bench.page.locator("#notice", has_text="the server does not answer").wait_for()


def test_a_server_that_forgot_the_photograph_gets_it_again(bench: Bench, photo: Path):
    bench.open(photo)
    bench.forgiven.append("404")
    bench.click(220, 140)
    id = next(url for url in bench.requests if url.endswith("/segment")).split("/")[-2]
    bench.page.request.delete(f"{bench.url}v1/images/{id}")
    bench.click(430, 220, button="right")
    assert "Before" in bench.rows


def test_what_is_no_photograph_is_refused_and_the_one_before_stays(
    bench: Bench, photo: Path, tmp_path: Path
):
    bench.open(photo)
    bench.click(220, 140)
    bench.export("Session file")
    bench.forgiven += ["415", "422"]
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + b"nothing" * 20)
    bench.bring(bad, type="image/png")
    bench.page.locator("#notice", has_text="Not opened").wait_for()
    bench.click(150, 200)
    assert bench.page.locator("#photo-name").text_content().startswith("chelsea.jpg")


def test_a_token_of_the_address_opens_the_door_and_is_not_shown(
    browser: Any, guarded: str, photo: Path
):
    root, _, token = guarded.partition("#")
    assert token == "token=a-token-of-sixteen-letters"
    context = browser.new_context()
    bench = Bench(context.new_page(), root)
    bench.page.goto(root)
    bench.bring(photo)
    bench.page.locator("#notice", has_text="token").wait_for()
    bench.page.goto("about:blank")
    bench.page.goto(guarded)
    bench.open(photo)
    bench.click(220, 140)
    assert bench.page.url.rstrip("#") == root
    assert not any("token" in url for url in bench.requests[1:] if not url.endswith(guarded[-9:]))
    context.close()


def test_words_are_never_html(bench: Bench, photo: Path):
    bench.open(photo)
    phrase = "<img src=x onerror=alert(1)><b>cat</b>"
    bench.name(phrase)
    assert phrase in (bench.headline + bench.page.locator("#reason").text_content())
    assert bench.page.locator("#side img, #side b b").count() == 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda s: "no JSON", "no valid JSON"),
        (lambda s: s | {"format": "other"}, "not a session file"),
        (lambda s: s | {"version": 99}, "version 1"),
        (lambda s: s | {"image": s["image"] | {"data": "https://elsewhere/x.png"}}, "photograph"),
        (lambda s: s | {"document": {"objects": "x"}}, "a list is expected"),
        (lambda s: _with(s, mask={"size": [300, 451], "counts": "zz"}), "run"),
        (lambda s: _with(s, mask={"size": [9, 9], "counts": "1"}), "another size"),
        (lambda s: _with(s, winner=17), "winner"),
    ],
)
def test_damaged_session_files(bench: Bench, photo: Path, session_file, damage, said: str):
    bench.open(photo)
    bench.click(220, 140)
    session = json.loads(bench.export("Session file")[1])
    bench.choose_file(session_file(damage(session)))
    bench.page.locator("#notice", has_text=said).wait_for()
    assert bench.objects == ["Object 1"]


def _with(session: dict, **change: object) -> dict:
    session["document"]["objects"][0]["answer"] |= change
    return session
