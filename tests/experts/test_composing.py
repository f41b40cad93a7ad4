"""The pool of a set of prompts, and masks drawn by hand, with a runtime whose masks are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.experts.answer import answer_all
from biprompt.experts.plan import Asked
from biprompt.experts.words import PhraseReader
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict
from biprompt.runtime.base import ImageEmbedding
from biprompt.selection import Policy

Ask = Callable[..., Segmentation]
LEFT, RIGHT = (20, 30), (100, 30)
PARTS = Policy(pool="parts")
STROKE = [[(10, 30), (40, 30)]]


@pytest.fixture
def ask(runtime: Any, embedding: ImageEmbedding, reader: PhraseReader) -> Ask:
    def ask(policy: Policy = PARTS, **values: Any) -> Segmentation:
        asked = Asked.of(Prompt.build(**values), reader, embedding.frame)
        return answer_all(runtime, embedding, [asked], policy)[0]

    return ask


def sources(answer: Segmentation) -> list[str]:
    return [str(candidate.source) for candidate in answer.card.candidates]


def test_pool_holds_the_answers_of_the_parts(ask: Ask) -> None:
    answer = ask(points=[LEFT], scribbles=STROKE)
    wanted = ["point"] * 3 + ["part"] * 6 + ["refine"] * 4 + ["mean"]
    assert sources(answer) == wanted
    click = ask(Policy(), points=[LEFT])
    masks = [c.mask for c in answer.card.candidates if c.source == "part"]
    assert any(np.array_equal(click.mask, mask) for mask in masks)
    assert answer.verdict is Verdict.FOUND and answer.card.policy == "composed"
    assert "is expected to fit best (IoU about " in answer.card.reason


def test_words_add_their_candidates(ask: Ask) -> None:
    answer = ask(points=[LEFT], text="cat")
    assert sources(answer) == ["point"] * 3 + ["joint"] * 4 + ["refine"] * 4 + ["mean"]
    answer = ask(points=[LEFT], scribbles=STROKE, text="cat")
    assert sources(answer).count("joint") == 4 + 2 * 4 and sources(answer).count("part") == 6


def test_where_words_disagree_they_do_not_count(ask: Ask) -> None:
    answer = ask(points=[RIGHT], text="cat")
    assert answer.verdict is Verdict.DISAGREE and answer.mask[30, 100]
    assert "joint" not in sources(answer) and "words do not count" in answer.card.reason


def test_what_is_absent_stays_absent(ask: Ask, runtime: Any) -> None:
    runtime.presence = -3.0
    assert ask(text="cat").verdict is Verdict.ABSENT


@pytest.mark.parametrize(
    "values", [{"points": [LEFT]}, {"box": (4, 4, 60, 60)}, {"text": "cat"}, {"scribbles": STROKE}]
)
def test_a_single_prompt_is_answered_as_always(ask: Ask, values: dict[str, Any]) -> None:
    one, other = ask(**values), ask(Policy(), **values)
    assert sources(one) == sources(other) and np.array_equal(one.mask, other.mask)


def test_clicks_that_only_remove_are_no_part(ask: Ask) -> None:
    answer = ask(points=[RIGHT], labels=[0], box=(4, 4, 60, 60))
    assert set(sources(answer)) == {"point"}


def test_given_weights_decide_over_the_whole_pool(ask: Ask) -> None:
    policy = replace(PARTS, weights=(0.0, 1.0, 0.0))
    answer = ask(policy, points=[LEFT], text="cat")
    winner = answer.card.winner
    assert winner is not None and len(sources(answer)) == 12
    scores = [candidate.score for candidate in answer.card.candidates]
    assert scores[winner] == max(scores)


def test_prompts_of_one_call_do_not_disturb_each_other(
    ask: Ask, runtime: Any, embedding: ImageEmbedding, reader: PhraseReader
) -> None:
    prompts: list[dict[str, Any]] = [
        {"points": [LEFT], "scribbles": STROKE},
        {"text": "cat"},
        {"mask": np.ones((64, 128), bool)},
        {"points": [RIGHT], "text": "cat"},
    ]
    asked = [Asked.of(Prompt.build(**values), reader, embedding.frame) for values in prompts]
    together = answer_all(runtime, embedding, asked, PARTS, outline_absent=False)
    for answer, values in zip(together, prompts, strict=True):
        alone = ask(**values)
        assert np.array_equal(answer.mask, alone.mask) and sources(answer) == sources(alone)


# --- drawn by hand ---------------------------------------------------------------------------


def drawing() -> np.ndarray:
    mask = np.zeros((64, 128), bool)
    mask[8:40, 8:56] = True
    return mask


def test_a_drawing_is_a_candidate_and_stays_where_nothing_is_surely_better(ask: Ask) -> None:
    answer = ask(mask=drawing())  # the model gives it back: nothing to gain
    assert sources(answer) == ["refine"] * 9 + ["drawn"]
    assert np.array_equal(answer.mask, drawing())
    assert answer.card.winner == 9 and "What was drawn stays" in answer.card.reason


def test_told_to_refine_freely_the_model_decides(ask: Ask) -> None:
    answer = ask(Policy(refine="free"), mask=drawing())
    assert sources(answer) == ["point"] * 3


def test_outlines_are_drawings_too_and_more_prompts_are_corrections(ask: Ask) -> None:
    square = [(8, 8), (56, 8), (56, 40), (8, 40)]
    assert np.array_equal(ask(polygon=square).mask, drawing())
    assert "drawn" not in sources(ask(polygon=square, points=[LEFT]))
    assert "drawn" not in sources(ask(polygon=square, text="cat"))


def test_a_refinement_that_is_surely_better_replaces_the_drawing(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biprompt.experts.drawn.LEAST_GAIN", -1.0)
    drawn = np.zeros((64, 128), bool)
    drawn[4:60, 66:126] = True
    answer = ask(mask=drawn, negative_text="cat")
    assert answer.card.winner is not None and answer.card.winner < 9
    assert "surely better than what was drawn" in answer.card.reason


def test_unwanted_words_are_taken_out_of_a_drawing(ask: Ask) -> None:
    mask = np.zeros((64, 128), bool)
    mask[8:40, 40:90] = True
    answer = ask(mask=mask, negative_text="dog")
    assert not answer.mask[:, :64].any() and answer.mask[20, 80]


def test_unknown_rules_are_refused() -> None:
    with pytest.raises(InputError, match="refine: expected 'keep' or 'free'"):
        Policy(refine="often")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="pool: expected 'paper', 'wide' or 'parts'"):
        Policy(pool="all")  # type: ignore[arg-type]


def test_where_only_words_find_something_the_gate_stays_in_charge(
    ask: Ask, runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = runtime.decode

    def silent(image: Any, spatial: Any, text: Any) -> Any:
        """Pointing finds nothing, words another thing than pointing with words."""
        decoded = inner(image, spatial, text)
        for row in range(len(spatial)):
            said = text is not None and text.has_text[row]
            pointed = (spatial.labels[row] >= 0).any()
            if pointed:
                decoded.logits[row] = -5
            if pointed and said:
                decoded.logits[row, :, :4, -4:] = 5
        return decoded

    monkeypatch.setattr(runtime, "decode", silent)
    answer = ask(points=[RIGHT], text="cat")
    assert answer.verdict is Verdict.DISAGREE
    assert sources(answer) == ["point"] * 3 + ["joint"] * 4
    assert len(answer.card.candidates) == 7
