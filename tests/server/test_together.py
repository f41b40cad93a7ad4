"""Many at once: one look per image, calls shared, answers as if each had been alone."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from biprompt.server.settings import Settings

ROWS = Settings().batch
CLICKS = 24


def click(x: float, y: float, **more: Any) -> dict[str, Any]:
    return {"points": [{"x": x, "y": y}], **more}


def facts(told: dict[str, Any]) -> str:
    """What must not depend on company: masks, choices, sources."""
    names = ("verdict", "winner", "area", "bbox", "mask", "text_mask", "phrase")
    kept = {name: told[name] for name in names}
    kept["candidates"] = [(c["source"], c["mask"]) for c in told["candidates"]]
    return json.dumps(kept)


def test_one_look_however_many_send_and_ask(serve: Any, model: Any, make_png: Any) -> None:
    site = serve()
    model.shutter.clear()
    with ThreadPoolExecutor(12) as pool:
        sent = [pool.submit(site.send, make_png(0)) for _ in range(12)]
        ids = [one.result().json["id"] for one in sent]
        asked = [pool.submit(site.segment, id) for id in ids]
        model.shutter.set()
        assert [one.result().status for one in asked] == [200] * 12
    assert len(set(ids)) == 12 and len(model.looks) == 1


def test_answers_do_not_depend_on_company(serve: Any, model: Any, make_png: Any) -> None:
    site = serve(settings={"batch": 32})
    id = site.image(make_png(1))
    words = [None, "cat", "the red dog", "zzxqv"]
    prompts = [
        click(5 + 7 * n, 2 + n % 20) | ({"text": words[n % 4]} if n % 4 else {})
        for n in range(CLICKS)
    ]
    alone = [site.segment(id, prompt).json["answers"][0] for prompt in prompts]
    model.forget()
    model.gate.clear()
    with ThreadPoolExecutor(CLICKS) as pool:
        asked = [pool.submit(site.segment, id, prompt) for prompt in prompts]
        site.until(lambda: site.service.batcher.waiting == CLICKS - 2)  # two workers took one each
        model.gate.set()
        together = [one.result().json["answers"][0] for one in asked]
    assert len(model.calls) == 3 and max(map(len, model.calls)) == CLICKS - 2
    assert [facts(one) for one in together] == [facts(one) for one in alone]
    for one, other in zip(together, alone, strict=True):
        pairs = zip(one["candidates"], other["candidates"], strict=True)
        assert all(abs(a["score"] - b["score"]) <= 2e-6 for a, b in pairs)


def test_only_what_fits_together_is_asked_together(serve: Any, model: Any, make_png: Any) -> None:
    site = serve(settings={"workers": 1})
    one, other = site.image(make_png(1)), site.image(make_png(2))
    model.forget()
    model.gate.clear()
    asks: list[tuple[str, dict[str, Any]]] = [
        (one, {}), (one, {}), (other, {}), (one, {"policy": {"pool": "wide"}}), (one, {}),
        (other, {"masks": "none"}), (one, {"policy": {"pool": "paper"}}),
    ]  # fmt: skip
    with ThreadPoolExecutor(len(asks)) as pool:
        held = []
        for place, (id, more) in enumerate(asks):
            held.append(pool.submit(site.segment, id, click(5, 5), **more))
            site.until(lambda place=place: site.service.batcher.waiting == place)
        model.gate.set()
        assert [one.result().status for one in held] == [200] * len(asks)
    # The first had a thread at once; then the oldest and its like, and so on.
    assert [len(call) for call in model.calls] == [1, 3, 2, 1]


def test_large_requests_are_cut(serve: Any, model: Any) -> None:
    site = serve()
    id = site.image()
    model.forget()
    prompts = [click(n, 5) for n in range(ROWS + 5)]
    answers = site.segment(id, *prompts).json["answers"]
    assert [len(call) for call in model.calls] == [ROWS, 5]
    for place in (0, ROWS, ROWS + 4):
        alone = site.segment(id, prompts[place]).json["answers"][0]
        assert facts(answers[place]) == facts(alone)


def test_one_wrong_prompt_spoils_no_other(serve: Any, model: Any) -> None:
    site = serve(settings={"workers": 1})
    id = site.image()
    model.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(site.segment, id, click(5, 5))
        site.until(lambda: model.calls)
        bodies = [click(6, 6), click(5000, 6), click(7, 7)]
        others = [pool.submit(site.segment, id, body) for body in bodies]
        site.until(lambda: site.service.batcher.waiting == 3)
        model.gate.set()
        statuses = [one.result().status for one in (first, *others)]
    assert statuses == [200, 200, 422, 200]


def test_a_prompt_that_breaks_the_model_spoils_no_other(serve: Any, model: Any) -> None:
    site = serve(settings={"workers": 1})
    id = site.image()
    model.poison = "poison"
    model.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(site.segment, id, click(5, 5))
        site.until(lambda: model.calls)
        bodies = [click(6, 6), click(7, 7, text="poison"), click(8, 8)]
        others = [pool.submit(site.segment, id, body) for body in bodies]
        site.until(lambda: site.service.batcher.waiting == 3)
        model.gate.set()
        replies = [one.result() for one in (first, *others)]
    assert [reply.status for reply in replies] == [200, 200, 500, 200]


@pytest.mark.parametrize("waiting", [1, 3])
def test_queue_that_is_full_and_recovers(serve: Any, model: Any, waiting: int) -> None:
    site = serve(waiting=waiting, settings={"workers": 1})
    id = site.image()
    model.gate.clear()
    with ThreadPoolExecutor(waiting + 1) as pool:
        held = [pool.submit(site.segment, id)]
        site.until(lambda: model.calls)
        held += [pool.submit(site.segment, id) for _ in range(waiting)]
        site.until(lambda: site.service.batcher.waiting == waiting)
        reply = site.segment(id)
        assert (reply.status, reply.error["kind"], reply.error["what"]) == (503, "busy", "queue")
        assert 1 <= int(reply.headers["Retry-After"]) <= 60
        assert site.ask("GET", "/readyz").json["waiting"] == waiting
        model.gate.set()
        assert [one.result().status for one in held] == [200] * (waiting + 1)
    assert site.segment(id).status == 200
    assert site.service.batcher.waiting == 0


def test_looks_that_wait_are_bounded_too(serve: Any, model: Any, make_png: Any) -> None:
    site = serve(waiting=2)
    model.shutter.clear()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(site.send, make_png(0))
        assert first.result().status == 201
        held = [pool.submit(site.send, make_png(seed)) for seed in (1, 2)]
        site.until(lambda: len(site.service.looks._going) == 3)
        assert site.send(make_png(3)).status == 503
        assert site.send(make_png(0)).status == 201  # joins the look that goes on
        model.shutter.set()
        assert [one.result().status for one in held] == [201, 201]
    assert site.send(make_png(3)).status == 201


def test_a_click_does_not_wait_for_looks(serve: Any, model: Any, make_png: Any) -> None:
    site = serve()
    id = site.image(make_png(0))
    model.shutter.clear()
    assert site.send(make_png(1)).status == 201
    assert site.segment(id).status == 200


def test_everything_at_once(serve: Any, model: Any, make_png: Any) -> None:
    """A storm of all kinds of requests: nothing fails, nothing is mixed up."""
    site = serve(
        embedding_bytes=6_000_000, pixels=10_000
    )  # too little for all: looks are made again
    images = {seed: site.image(make_png(seed)) for seed in range(5)}
    asks = [(seed, x) for seed in images for x in (10, 60, 110)]
    wanted = {ask: facts(answer_of(site, images[ask[0]], ask[1])) for ask in asks}
    rng = random.Random(0)

    def work(seed: int) -> bool:
        ask = asks[seed % len(asks)]
        if seed % 7 == 0:
            return bool(site.send(make_png(seed % 5)).status == 201)
        if seed % 11 == 0:
            return bool(site.ask("GET", f"/v1/images/{images[ask[0]]}/pixels").status == 200)
        return facts(answer_of(site, images[ask[0]], ask[1])) == wanted[ask]

    seeds = rng.sample(range(120), 120)
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, seeds))
    assert site.service.looks.kept.nbytes <= 6_000_000
    assert not np.any([site.service.batcher.waiting, site.service._look_lane.busy])


def answer_of(site: Any, id: str, x: float) -> dict[str, Any]:
    told: dict[str, Any] = site.segment(id, click(x, 10, text="cat")).json["answers"][0]
    return told
