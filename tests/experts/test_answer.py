"""Plan, propose, choose, with a runtime whose masks are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from biprompt.experts.answer import answer_all
from biprompt.experts.pair import MAX_POINTS, MAX_ROWS, Row, candidate_masks, clicked_only, turns
from biprompt.experts.plan import Asked
from biprompt.experts.spatial import Pointed
from biprompt.experts.words import PhraseReader
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict
from biprompt.runtime.base import ImageEmbedding
from biprompt.selection import Policy

Ask = Callable[..., list[Segmentation]]
LEFT, RIGHT = (20, 30), (100, 30)
WIDE = Policy(pool="wide")


@pytest.fixture
def ask(runtime: Any, embedding: ImageEmbedding, reader: PhraseReader) -> Ask:
    def ask(*prompts: dict[str, Any], policy: Policy | None = None) -> list[Segmentation]:
        frame = embedding.frame
        asked = [Asked.of(Prompt.build(**values), reader, frame) for values in prompts]
        return answer_all(runtime, embedding, asked, policy or Policy())

    return ask


def sources(answer: Segmentation) -> list[str]:
    return [candidate.source for candidate in answer.card.candidates]


def test_click_gives_three_readings_and_the_best_of_them(ask: Ask) -> None:
    (answer,) = ask({"points": [LEFT]})
    assert sources(answer) == ["point"] * 3
    assert [c.score for c in answer.card.candidates] == pytest.approx([0.6, 0.7, 0.8])
    assert answer.verdict is Verdict.FOUND and answer.card.winner == 2
    assert answer.card.text_mask is None and answer.presence is None


def test_clear_prompt_gives_the_clear_mask_and_two_readings(ask: Ask) -> None:
    (answer,) = ask({"points": [LEFT, (30, 30)]})
    assert [c.score for c in answer.card.candidates] == pytest.approx([0.5, 0.8, 0.7])


def test_words_alone_give_one_mask(ask: Ask) -> None:
    (answer,) = ask({"text": "cat"})
    assert sources(answer) == ["text"] and answer.verdict is Verdict.FOUND
    assert answer.mask[:, :64].all() and not answer.mask[:, 64:].any()
    assert answer.presence == pytest.approx(1 / (1 + np.exp(-3)))
    assert answer.phrase == "cat"


def test_words_that_are_not_there(ask: Ask, runtime: Any) -> None:
    runtime.presence = -3.0
    (answer,) = ask({"text": "cat"})
    assert answer.verdict is Verdict.ABSENT and not answer.mask.any()
    assert answer.presence == pytest.approx(1 / (1 + np.exp(3)))


def test_unknown_words_alone_are_absent_and_cost_nothing(ask: Ask, runtime: Any) -> None:
    (answer,) = ask({"text": "zzxqv"})
    assert answer.verdict is Verdict.ABSENT and not answer.mask.any()
    assert answer.card.text_understood is False and answer.card.candidates == ()
    assert answer.presence is None and answer.card.text_mask is None
    assert runtime.rows == runtime.phrases == []


def test_unknown_words_with_a_click_fall_back_to_the_click(ask: Ask) -> None:
    (answer,) = ask({"points": [LEFT], "text": "zzxqv"})
    (click,) = ask({"points": [LEFT]})
    assert answer.verdict is Verdict.FOUND and answer.card.text_understood is False
    assert np.array_equal(answer.mask, click.mask)


def test_words_left_out_are_named(ask: Ask) -> None:
    (answer,) = ask({"text": "zzxqv cat"})
    assert answer.card.reason.endswith("Unknown words were left out: “zzxqv”.")


def test_click_and_words_that_agree(ask: Ask) -> None:
    (answer,) = ask({"points": [LEFT], "text": "cat"}, policy=Policy(agree=0.05))
    assert answer.verdict is Verdict.FOUND and answer.card.winner == 2  # the largest disk
    assert answer.card.similarity == answer.card.candidates[2].similarity > 0.05


def test_click_and_words_that_disagree(ask: Ask) -> None:
    (answer,) = ask({"points": [RIGHT], "text": "cat"})
    assert answer.verdict is Verdict.DISAGREE and answer.mask[30, 100]


def test_negative_words_are_taken_out(ask: Ask) -> None:
    (plain,), (answer,) = (
        ask({"points": [(68, 30)]}),
        ask({"points": [(68, 30)], "negative_text": "dog"}),
    )
    assert plain.mask[:, :64].any()  # the disk reaches over the middle
    assert answer.mask[30, 68] and not answer.mask[:, :64].any()
    assert "What “dog” outlines was taken out." in answer.card.reason
    assert answer.soft is None  # no mask of the model's any more


def test_negative_words_never_take_out_what_was_clicked(ask: Ask) -> None:
    (answer,) = ask({"points": [LEFT], "negative_text": "dog"})
    assert answer.mask[30, 20]
    assert "nothing was taken out" in answer.card.reason


def test_negative_words_that_are_not_there_take_nothing_out(ask: Ask, runtime: Any) -> None:
    runtime.presence = -3.0
    (answer,) = ask({"points": [LEFT], "negative_text": "dog"})
    assert answer.mask[30, 20]


def test_negative_words_that_mean_nothing_are_said_to(ask: Ask) -> None:
    (answer,) = ask({"points": [LEFT], "negative_text": "zzxqv"})
    assert answer.mask[30, 20]
    assert "“zzxqv” is not known to the model, so nothing was taken out." in answer.card.reason


def test_same_words_wanted_and_unwanted_leave_nothing(ask: Ask) -> None:
    (answer,) = ask({"text": "cat", "negative_text": "cat"})
    assert answer.verdict is Verdict.ABSENT and not answer.mask.any()


def test_wide_pool_says_where_each_candidate_comes_from(ask: Ask) -> None:
    (answer,) = ask({"points": [LEFT], "text": "cat"}, policy=WIDE)
    assert sources(answer) == ["point"] * 3 + ["joint"] * 4 + ["text@click", "refine"]
    by_source = {c.source: c.mask for c in answer.card.candidates}
    assert by_source["text@click"][:, :64].all() and not by_source["text@click"][:, 64:].any()
    pointed = [c.mask for c in answer.card.candidates if c.source == "point"]
    assert any(by_source["refine"][mask].all() for mask in pointed)  # it started from one


def test_wide_pool_offers_all_joint_masks_the_clear_one_first(ask: Ask) -> None:
    (answer,) = ask({"points": [LEFT, (30, 30)], "text": "cat"}, policy=WIDE)
    joint = [c.score for c in answer.card.candidates if c.source == "joint"]
    assert joint == pytest.approx([0.5, 0.6, 0.7, 0.8])


def test_wide_pool_without_a_click_on_the_words(ask: Ask) -> None:
    (answer,) = ask({"points": [RIGHT], "text": "cat"}, policy=WIDE)
    assert sources(answer) == ["point"] * 3 + ["joint"] * 4 + ["refine"]


@pytest.mark.parametrize("values", [{"points": [LEFT]}, {"text": "cat"}, {"text": "zzxqv"}])
def test_wide_pool_is_the_paper_s_without_both(ask: Ask, values: dict[str, Any]) -> None:
    assert sources(ask(values)[0]) == sources(ask(values, policy=WIDE)[0])


@pytest.mark.parametrize("policy", [Policy(), WIDE])
def test_many_prompts_are_answered_like_each_alone(ask: Ask, policy: Policy) -> None:
    prompts: list[dict[str, Any]] = [
        {"points": [LEFT]},
        {"text": "cat"},
        {"points": [RIGHT], "text": "cat"},
        {"text": "zzxqv"},
        {"points": [LEFT, RIGHT], "labels": [1, 0], "text": "dog"},
        {"points": [LEFT], "text": "cat", "negative_text": "dog"},
        {"box": (10, 10, 60, 60), "text": "dog cat"},
    ]
    together = ask(*prompts, policy=policy)
    for prompt, answer in zip(prompts, together, strict=True):
        (alone,) = ask(prompt, policy=policy)
        assert np.array_equal(answer.mask, alone.mask)
        assert (answer.verdict, answer.card.reason) == (alone.verdict, alone.card.reason)
        assert sources(answer) == sources(alone)


def test_many_prompts_share_the_calls(ask: Ask, runtime: Any) -> None:
    ask(*[{"points": [LEFT], "text": "cat"}] * 10)
    assert runtime.phrases == [1]
    assert runtime.rows == [11]  # each click, and the words once
    runtime.rows.clear()
    ask(*[{"points": [LEFT], "text": "cat"}] * 5, policy=WIDE)
    assert runtime.rows == [11, 5]  # each click, with words too, the words once; then refined


def test_no_prompts_no_answers(ask: Ask, runtime: Any) -> None:
    assert ask() == [] and runtime.rows == []


def test_phrases_go_in_turns(ask: Ask, runtime: Any) -> None:
    words = ["cat", "dog", "kitten", "puppy", "red cat", "blue dog"]
    phrases = [f"{a} {b}" for a in words for b in words]
    answers = ask(*[{"text": phrase} for phrase in phrases])
    assert runtime.phrases == [16, 16, 4] and runtime.rows == [16, 16, 4]
    assert [answer.phrase for answer in answers] == phrases


@pytest.mark.parametrize("lengths", [[1] * 40, [0] * 40, [1000, 1, 1000], [100] * 7, [1, 300, 2]])
def test_turns_keep_order_and_bounds(lengths: list[int]) -> None:
    rows = [
        Row(Pointed(np.zeros((n, 2)), np.ones(n), None, None, is_single=False)) for n in lengths
    ]
    found = list(turns(rows))
    assert [row for turn in found for row in turn] == rows
    for turn in found:
        most = max(row.points for row in turn)
        assert len(turn) <= MAX_ROWS and (len(turn) == 1 or len(turn) * most <= MAX_POINTS)


def test_masks_of_a_clear_prompt_are_ranked() -> None:
    scores = np.array([0.1, 0.5, 0.9, 0.7], np.float32)
    assert candidate_masks(scores, ambiguous=True) == [1, 2, 3]
    assert candidate_masks(scores, ambiguous=False) == [0, 2, 3]


def test_one_click_drops_the_parts_it_does_not_touch() -> None:
    logits = np.full((1, 4, 8), -2.0, np.float32)
    logits[0, :2, :2] = logits[0, 2:, 6:] = 3.0
    kept = clicked_only(logits, np.array([[7.9, 0.1]]))
    assert (kept[0, :2, :2] == 3).all() and (kept[0, 2:, 6:] == -8).all()
    assert (kept[0, :2, 2:] == -2).all() and (logits[0, 2:, 6:] == 3).all()


def test_click_beside_the_mask_leaves_it_whole() -> None:
    logits = np.full((1, 4, 8), -2.0, np.float32)
    logits[0, :2, :2] = 3.0
    assert np.array_equal(clicked_only(logits, np.array([[20.0, 1.0]])), logits)


def test_soft_mask_does_not_overflow(ask: Ask, runtime: Any) -> None:
    decode = runtime.decode
    runtime.decode = lambda *a: decode(*a).__class__(decode(*a).logits * 1e6, decode(*a).iou)
    (answer,) = ask({"points": [LEFT]})
    assert answer.soft is not None and set(np.unique(answer.soft)) == {0.0, 1.0}


def test_model_that_tells_no_presence_still_answers(ask: Ask, runtime: Any) -> None:
    runtime.presence = None
    alone, both, without = ask(
        {"text": "cat"},
        {"points": [LEFT], "text": "cat"},
        {"points": [LEFT], "negative_text": "dog"},
    )
    assert alone.presence is None and alone.verdict is Verdict.FOUND
    assert both.presence is None and both.verdict is Verdict.FOUND
    assert without.presence is None
