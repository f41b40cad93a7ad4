"""The parts of the page that draw nothing, in the browser that will run them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from biprompt.masks import count_parts_and_holes, rle_decode, rle_encode

from .driver import Bench


def masks() -> list[np.ndarray]:
    """Speckles, disks with holes, full, empty, one pixel, a board of squares."""
    rng = np.random.default_rng(7)
    sizes = ((1, 1), (3, 9), (17, 5), (40, 33))
    found = [rng.random(hw) < share for hw in sizes for share in (0.2, 0.7)]
    rows, columns = np.mgrid[:60, :80]
    far = np.hypot(rows - 30, columns - 40)
    found += [far < 25, (far < 28) & (far > 12) | (far < 5), np.ones((5, 7), bool)]
    found += [np.zeros((4, 3), bool), (rows + columns) % 2 == 0, rows % 7 < 3]
    return found


def test_run_lengths_are_those_of_the_server(lab: Bench):
    sent = [dict(rle_encode(mask)) for mask in masks()]
    got = lab.run(
        """async (sent) => {
            const { area, decode, encode } = await import("/static/js/rle.js");
            return sent.map((rle) => ({ again: encode(decode(rle)), area: area(rle) }));
        }""",
        sent,
    )
    for mask, rle, back in zip(masks(), sent, got, strict=True):
        assert back["again"] == rle
        assert back["area"] == mask.sum()
        np.testing.assert_array_equal(rle_decode(back["again"]), mask)


def test_single_pixels(lab: Bench):
    mask = masks()[3]
    got = lab.run(
        """async ([rle, [height, width]]) => {
            const { covers } = await import("/static/js/rle.js");
            return Array.from({ length: height }, (_, y) =>
                Array.from({ length: width }, (_, x) => covers(rle, x + 0.5, y + 0.5)));
        }""",
        [dict(rle_encode(mask)), mask.shape],
    )
    np.testing.assert_array_equal(got, mask)


@pytest.mark.parametrize(
    "rle",
    [
        {"size": [2, 2], "counts": "zz"}, {"size": [2, 2], "counts": "1"}, {"size": [2, 2]},
        {"size": [0, 2], "counts": "0"}, {"size": [1e9, 1e9], "counts": "0"}, {"counts": "4"},
        {"size": [2, 2], "counts": "oooooooooooooooooooooooooooooooo0"},
    ],
)  # fmt: skip
def test_damaged_run_lengths(lab: Bench, rle: dict):
    script = """async (rle) => {
        const { decode } = await import("/static/js/rle.js");
        try { decode(rle); } catch (error) { return error.constructor.name; }
        return "accepted";
    }"""
    assert lab.run(script, rle) == "Error"


def test_outlines_enclose_exactly_the_mask(lab: Bench):
    got = lab.run(
        """async (sent) => {
            const { count, exactPath, trace } = await import("/static/js/contours.js");
            return sent.map((rle) => {
                const loops = trace(rle);
                const [height, width] = rle.size;
                const context = new OffscreenCanvas(width, height).getContext("2d");
                context.fill(exactPath(loops));
                const { data } = context.getImageData(0, 0, width, height);
                const alpha = data.filter((_, i) => i % 4 === 3);
                return { ...count(loops), filled: [...alpha].map((value) => value > 127) };
            });
        }""",
        [dict(rle_encode(mask)) for mask in masks()],
    )
    for mask, drawn in zip(masks(), got, strict=True):
        np.testing.assert_array_equal(np.reshape(drawn["filled"], mask.shape), mask)
        assert (drawn["parts"], drawn["holes"]) == count_parts_and_holes(mask)


def test_a_large_mask_is_traced_fast(lab: Bench):
    rows, columns = np.mgrid[:3000, :4000]
    mask = np.hypot(rows - 1500, columns - 2000) < 1300
    took = lab.run(
        """async (rle) => {
            const { trace } = await import("/static/js/contours.js");
            const started = performance.now();
            trace(rle);
            return performance.now() - started;
        }""",
        dict(rle_encode(mask)),
    )
    assert took < 2000, f"{took:.0f} ms for 12 million pixels"


REDUCER = """async ([actions, answer]) => {
    const { initialState, reduce, activeOf } = await import("/static/js/state.js");
    const { questionOf, maskOf, labelOf } = await import("/static/js/objects.js");
    let state = reduce(initialState(), { type: "open", image: { name: "x", width: 9, height: 9 } });
    const seen = [];
    for (const action of actions) {
        const { id, ask } = activeOf(state);
        const given = { id, ask, answer: { ...answer, id: `a${ask}` } };
        const before = state;
        const copy = JSON.stringify(before);
        state = reduce(state, action.type === "answer" ? { ...given, ...action } : action);
        if (JSON.stringify(before) !== copy) throw new Error("a state was changed in place");
        const object = activeOf(state);
        seen.push({
            question: questionOf(object), ask: object.ask, answered: object.answered,
            steps: state.past.length, ahead: state.future.length, choice: object.choice,
            objects: state.present.objects.map(labelOf), mask: maskOf(object)?.counts ?? null,
        });
    }
    return seen;
}"""
CLICK = {"type": "point", "x": 3, "y": 4, "label": 1}
AWAY = {"type": "point", "x": 8, "y": 8, "label": 0}
ANSWER = {"type": "answer"}


def steps(lab: Bench, *actions: dict) -> list[dict]:
    """What the reducer makes of actions; every answer is a mask of two candidates."""
    mask, other = np.zeros((2, 9, 9), bool)
    mask[2:6, 2:6] = True
    other[1:8, 1:8] = True
    answer = {
        "verdict": "found", "winner": 0, "presence": None, "text_mask": None,
        "mask": dict(rle_encode(mask)),
        "candidates": [
            {"score": 0.9, "mask": dict(rle_encode(mask))},
            {"score": 0.8, "mask": dict(rle_encode(other))},
        ],
    }  # fmt: skip
    return lab.run(REDUCER, [list(actions), answer])


def test_the_first_question_stands_alone_and_the_next_corrects(lab: Bench):
    first, _, second = steps(lab, CLICK, ANSWER, AWAY)
    assert first["question"] == {"points": [{"x": 3, "y": 4, "label": 1}]}
    assert second["question"]["mask"] == {"answer": "a1"}
    assert [point["label"] for point in second["question"]["points"]] == [1, 0]


def test_a_correction_of_an_overruled_choice_starts_from_what_is_shown(lab: Bench):
    seen = steps(lab, CLICK, ANSWER, {"type": "choose", "choice": 1}, AWAY)
    assert set(seen[-1]["question"]["mask"]) == {"size", "counts"}
    assert seen[-1]["question"]["mask"]["counts"] == seen[2]["mask"]
    assert seen[-1]["choice"] is None


def test_words_beside_a_click_ask_the_gate_and_do_not_refine(lab: Bench):
    seen = steps(lab, CLICK, ANSWER, {"type": "phrase", "field": "text", "value": "cup"})
    assert seen[-1]["question"] == {"points": [{"x": 3, "y": 4, "label": 1}], "text": "cup"}


def test_a_click_beside_words_asks_the_gate_but_taking_away_corrects(lab: Bench):
    words = {"type": "phrase", "field": "text", "value": "cup"}
    assert "mask" not in steps(lab, words, ANSWER, CLICK)[-1]["question"]
    assert "mask" in steps(lab, words, ANSWER, AWAY)[-1]["question"]


def test_words_that_exclude_ask_nothing_alone(lab: Bench):
    words = {"type": "phrase", "field": "negative", "value": "cup"}
    assert steps(lab, words)[-1]["question"] == {}


def test_undo_and_redo_bring_answers_back_unasked(lab: Bench):
    seen = steps(lab, CLICK, ANSWER, AWAY, ANSWER, {"type": "undo"}, {"type": "undo"},
                 {"type": "redo"}, {"type": "redo"})  # fmt: skip
    assert [one["steps"] for one in seen] == [1, 1, 2, 2, 1, 0, 1, 2]
    assert seen[4]["ask"] == seen[4]["answered"] == 1
    assert seen[5]["question"] == {}
    assert seen[7]["ask"] == seen[7]["answered"] == 2


def test_numbers_of_questions_are_never_used_twice(lab: Bench):
    seen = steps(lab, CLICK, {"type": "undo"}, AWAY)
    assert seen[-1]["ask"] == 2
    assert seen[-1]["ahead"] == 0


def test_an_answer_to_an_older_question_is_dropped(lab: Bench):
    seen = steps(lab, CLICK, AWAY, {"type": "answer", "ask": 1})
    assert seen[-1]["answered"] == 0


def test_typing_in_one_go_is_one_step(lab: Bench):
    c, cu, cup, cups = (
        {"type": "phrase", "field": "text", "value": "cups"[:n]} for n in (1, 2, 3, 4)
    )
    seen = steps(lab, c, cu, cup, {"type": "settle"}, cups)
    assert [one["steps"] for one in seen] == [1, 1, 1, 1, 2]


def test_objects_come_and_go(lab: Bench):
    add, undo = {"type": "add"}, {"type": "undo"}
    name = {"type": "rename", "id": 2, "label": " cup "}
    first, second = {"type": "remove", "id": 1}, {"type": "remove", "id": 2}
    seen = steps(lab, CLICK, add, add, name, second, undo, first)
    assert [one["objects"] for one in seen] == [
        ["Object 1"], ["Object 1", "Object 2"], ["Object 1", "Object 2"], ["Object 1", "cup"],
        ["Object 1"], ["Object 1", "cup"], ["cup"],
    ]  # fmt: skip


def test_only_the_newest_of_a_key_counts(lab: Bench):
    script = """async () => {
        const { Latest } = await import("/static/js/latest.js");
        const latest = new Latest();
        const aborted = [];
        const work = (name, ms) => (signal) => new Promise((resolve) => {
            signal.addEventListener("abort", () => aborted.push(name));
            setTimeout(() => resolve(name), ms);
        });
        const fails = () => new Promise((_, reject) => setTimeout(() => reject(new Error()), 40));
        const results = await Promise.all([
            latest.run("a", work("slow", 60)), latest.run("a", work("quick", 5)),
            latest.run("b", work("other", 20)),
            latest.run("c", fails), latest.run("c", work("after", 1)),
        ]);
        return { results, aborted, left: latest.size };
    }"""
    got = lab.run(script)
    assert [one and one["value"] for one in got["results"]] == [
        None, "quick", "other", None, "after",
    ]  # fmt: skip
    assert got["aborted"] == ["slow"]
    assert got["left"] == 0


WORDS = """async (changes) => {
    const { headline, worse } = await import("/static/js/words.js");
    const { newObject, NOTHING } = await import("/static/js/objects.js");
    return changes.map(([prompt, answer, rest]) => {
        const usual = { presence: null, candidates: [], winner: null, reason: "" };
        const object = {
            ...newObject(1, "#123456"), prompt: { ...NOTHING, ...prompt },
            answer: answer && { ...usual, ...answer }, ...rest,
        };
        return [headline(object), worse(object)];
    });
}"""
POINT = {"points": [{"x": 1, "y": 1, "label": 1}]}
CUP = {"text": "the cup"}


@pytest.mark.parametrize(
    ("prompt", "answer", "said"),
    [
        ({}, None, "Nothing asked yet"),
        (POINT, None, "Looking …"),
        (POINT, {"verdict": "found"}, "Found from the click alone"),
        (POINT | CUP, {"verdict": "disagree"}, "The click and the phrase disagree"),
        ({"box": [0, 0, 5, 5]} | CUP, {"verdict": "disagree"}, "The box and the phrase disagree"),
        (CUP, {"verdict": "absent", "presence": 0.04}, "There is no cup here: presence 4 %"),
        (CUP, {"verdict": "absent", "presence": 0.001}, "There is no cup here: presence under 1 %"),
        ({"text": "the man who is not there today"}, {"verdict": "absent", "presence": 0.2},
         "“the man who is not there today” is not here: presence 20 %"),
        (CUP, {"verdict": "found", "presence": 0.999},
         "Found “the cup”: over 99 % sure it is here"),
        (CUP, {"verdict": "absent", "text_understood": False},
         "No word of “the cup” is known here"),
        (POINT | CUP, {"verdict": "found", "similarity": 0.8, "presence": 0.9},
         "Found: the click agrees with “the cup”"),
        (POINT | CUP, {"verdict": "found", "similarity": 0.3, "presence": 0.9},
         "Found: the click agrees in part with “the cup”"),
        (POINT | CUP, {"verdict": "found", "similarity": 0.06, "presence": 0.9},
         "Found, but the click hardly agrees with “the cup”"),
        (POINT | CUP, {"verdict": "found", "similarity": 0.8, "presence": 0.3},
         "Found where you pointed, but perhaps no cup: 30 %"),
    ],
)  # fmt: skip
def test_verdicts_in_plain_words(lab: Bench, prompt: dict, answer: dict | None, said: str):
    assert lab.run(WORDS, [[prompt, answer, {}]])[0][0] == said


def test_a_correction_that_is_worse_is_not_silent(lab: Bench):
    full, empty = np.ones((4, 4), bool), np.zeros((4, 4), bool)
    base = {"id": None, "mask": dict(rle_encode(full)), "score": 0.9}

    def answer(mask: np.ndarray, score: float) -> dict:
        rle = dict(rle_encode(mask))
        candidates = [{"score": score, "mask": rle}]
        return {"verdict": "found", "winner": 0, "mask": rle, "candidates": candidates}

    away = full.copy()
    away[1, 1] = False
    cases = [answer(full, 0.95), answer(full, 0.5), answer(empty, 0.9), answer(away, 0.95)]
    got = lab.run(WORDS, [[POINT, one, {"base": base}] for one in cases])
    assert [trouble for _, trouble in got] == [
        None, "predicted IoU fell from 0.90 to 0.50", "the mask is gone",
        "it no longer follows 1 of your clicks",
    ]  # fmt: skip


def test_stepping_to_the_next_size(lab: Bench):
    sizes = (9, 1, 16, 0)
    masks = []
    for side in (3, 1, 4, 0):
        mask = np.zeros((5, 5), bool)
        mask[:side, :side] = True
        masks.append(dict(rle_encode(mask)))
    answer = {"winner": 0, "mask": masks[0], "candidates": [{"mask": mask} for mask in masks]}
    got = lab.run(
        """async ([answer, choices]) => {
            const { newObject, stepped } = await import("/static/js/objects.js");
            return choices.map((choice) => {
                const object = { ...newObject(1, "#000000"), answer, choice };
                return [stepped(object, -1), stepped(object, 1)];
            });
        }""",
        [answer, [None, 1, 2]],
    )
    assert sizes[1] < sizes[0] < sizes[2]
    assert got == [[1, 2], [None, 0], [0, None]]  # an empty candidate is no step


def test_nothing_of_the_page_comes_from_elsewhere():
    static = Path(__file__).parents[2] / "src" / "biprompt" / "server" / "static"
    for path in static.rglob("*.*"):
        text = path.read_text().replace("http://www.w3.org/", "")
        assert "http://" not in text and "https://" not in text, path
