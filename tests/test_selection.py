"""The gate: every edge case by hand, then properties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from biprompt.errors import InputError
from biprompt.results import Verdict
from biprompt.selection import Choice, Policy, consensus, joint_score, select, similarity
from biprompt.selection.measures import LESSER_SAY

H, W = 4, 5


def columns(*which: int) -> np.ndarray:
    """A (4, 5) mask of whole columns, 4 pixels each."""
    mask = np.zeros((H, W), dtype=bool)
    mask[:, list(which)] = True
    return mask


# IoU of A, B, C with the text mask {0, 1}: 1/2, 2/3, 0. Dice: 2/3, 4/5, 0.
TEXT = columns(0, 1)
A, B, C, EMPTY = columns(0), columns(0, 1, 2), columns(4), columns()
ABC = np.stack([A, B, C])
SCORES = [0.9, 0.6, 0.8]
POINTS = ["point"] * 3


def gate(
    masks: Any = ABC, scores: Any = SCORES, sources: Sequence[str] | None = None, **asked: Any
) -> Choice:
    names = ["point"] * len(masks) if sources is None else sources
    return select(masks, scores, names, **{"text_mask": TEXT, **asked})


def is_absent(choice: Choice) -> bool:
    assert choice.mask.shape == (H, W)
    return (
        choice.verdict is Verdict.ABSENT
        and choice.winner is None
        and choice.margin is None
        and choice.similarity is None
        and not choice.mask.any()
    )


# --- similarity and joint score -------------------------------------------------------------


def test_similarity_by_hand() -> None:
    assert similarity(TEXT, ABC) == pytest.approx([1 / 2, 2 / 3, 0])
    assert similarity(TEXT, ABC, "dice") == pytest.approx([2 / 3, 4 / 5, 0])
    assert similarity(TEXT, ABC).dtype == np.float64


def test_similarity_of_empty_masks() -> None:
    for metric in ("iou", "dice"):
        assert similarity(EMPTY, np.stack([EMPTY, A]), metric).tolist() == [1.0, 0.0]
    assert similarity(TEXT, ABC[:0]).shape == (0,)


def test_joint_score_by_hand() -> None:
    result = joint_score(0.5, [0.9, 0.6], [0.5, 1.0], (0.2, 0.3, 0.5))
    assert result == pytest.approx([0.1 + 0.27 + 0.25, 0.1 + 0.18 + 0.5])
    assert joint_score(0.5, [0.9, 0.6], [0.5, 1.0]).tolist() == [0.5, 1.0]
    without = joint_score(None, [0.9, 0.6], [0.5, 1.0], (0.2, 0.3, 0.5))
    assert without == pytest.approx([0.27 + 0.25, 0.18 + 0.5])


@pytest.mark.parametrize(
    ("text_mask", "masks", "metric", "match"),
    [
        (TEXT, ABC, "hausdorff", "metric: expected 'iou' or 'dice', got 'hausdorff'"),
        (TEXT, A, "iou", r"candidate masks: expected shape \(K, H, W\)"),
        (TEXT, ABC.astype(np.uint8), "iou", "candidate masks: .*uint8"),
        (TEXT[:3], ABC, "iou", r"text mask: expected shape \(4, 5\)"),
        (TEXT.astype(float), ABC, "iou", "text mask: .*float64"),
    ],
)
def test_similarity_refuses(text_mask: Any, masks: Any, metric: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        similarity(text_mask, masks, metric)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((float("nan"), [0.1], [0.1]), "conf_text: expected finite"),
        (([0.1], [0.1], [0.1]), "conf_text: expected one number"),
        ((0.5, [0.1, 0.2], [0.1]), r"sim: expected shape \(2,\), got shape \(1,\)"),
        ((0.5, [[0.1]], [0.1]), r"conf_point: expected shape \(N,\)"),
        ((0.5, [0.1], [0.1], (1, 1)), r"weights: expected shape \(3,\)"),
        ((0.5, [0.1], [0.1], (1, 1, -1)), "weights: expected none below zero"),
    ],
)
def test_joint_score_refuses(arguments: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        joint_score(*arguments)


# --- words and pointing ---------------------------------------------------------------------


def test_the_most_similar_candidate_wins() -> None:
    choice = gate(presence=0.9, text_understood=True)
    assert (choice.winner, choice.verdict) == (1, Verdict.FOUND)
    assert choice.similarities == pytest.approx([1 / 2, 2 / 3, 0])
    assert choice.similarity == pytest.approx(2 / 3)
    assert choice.margin == pytest.approx(1 / 6)
    assert choice.mask.tolist() == B.tolist()
    assert choice.reason == (
        "Candidate 2 of 3 (point) overlaps the text mask most (IoU 0.67, next 0.50)."
    )


def test_dice_is_named() -> None:
    choice = gate(policy=Policy(metric="dice"))
    assert choice.margin == pytest.approx(4 / 5 - 2 / 3)
    assert "(Dice 0.80, next 0.67)" in choice.reason


def test_one_candidate_has_no_margin() -> None:
    choice = gate(ABC[:1], [0.3])
    assert (choice.winner, choice.margin) == (0, None)
    assert choice.reason == "Candidate 1 of 1 (point) overlaps the text mask most (IoU 0.50)."


def test_a_tie_goes_to_the_higher_predicted_iou() -> None:
    choice = gate(np.stack([A, columns(1), C]), [0.5, 0.7, 0.9])
    assert (choice.winner, choice.margin) == (1, 0.0)
    assert "the same as the next, whose predicted IoU is lower" in choice.reason


def test_a_full_tie_goes_to_the_first() -> None:
    choice = gate(np.stack([A, columns(1)]), [0.5, 0.5])
    assert (choice.winner, choice.margin) == (0, 0.0)
    assert choice.reason.endswith("(IoU 0.50, the same as the next).")


def test_a_lead_too_small_to_print_is_said() -> None:
    text = np.ones((30, 30), dtype=bool)
    less, least = text.copy(), text.copy()
    less[0, 0] = least[0, :2] = False
    choice = select(np.stack([least, less]), [0.9, 0.1], ["point"] * 2, text_mask=text)
    assert choice.winner == 1
    assert choice.reason.endswith("(IoU 1.00, next just under).")


def test_joint_score_can_choose_another() -> None:
    choice = gate(presence=0.8, policy=Policy(weights=(0.5, 1, 0.5)))
    # 0.4 + score + similarity / 2: 1.55, 1.333, 1.2
    assert (choice.winner, choice.verdict) == (0, Verdict.FOUND)
    assert choice.margin == pytest.approx(1.55 - (1 + 1 / 3))
    assert choice.similarity == pytest.approx(0.5)
    assert choice.reason == (
        "Candidate 1 of 3 (point) has the highest joint score (1.55, at IoU 0.50, next 1.33)."
    )


def test_joint_score_without_presence() -> None:
    policy = Policy(weights=(1, 0, 1))
    assert gate(policy=policy).winner == gate(presence=0.9, policy=policy).winner == 1


def test_little_overlap_is_a_disagreement() -> None:
    choice = gate(presence=0.9, policy=Policy(agree=0.7))
    assert (choice.winner, choice.verdict) == (0, Verdict.DISAGREE)
    assert choice.mask.tolist() == A.tolist()
    assert choice.similarity == pytest.approx(0.5)
    assert choice.margin == pytest.approx(0.1)
    assert choice.reason == (
        "The text mask overlaps nothing that was pointed at (best IoU 0.67, under 0.7), so what "
        "was pointed at decides: candidate 1 of 3 (point) has the highest predicted IoU "
        "(0.90, next 0.80)."
    )


def test_agree_itself_is_enough() -> None:
    assert gate(ABC[:1], [0.3], policy=Policy(agree=0.5)).verdict is Verdict.FOUND


def test_no_overlap_at_all() -> None:
    choice = gate(text_mask=columns(3))
    assert (choice.winner, choice.verdict) == (0, Verdict.DISAGREE)
    assert choice.similarities is not None
    assert choice.similarities.tolist() == [0, 0, 0]


def test_no_overlap_and_agree_zero_goes_to_the_higher_predicted_iou() -> None:
    choice = gate(text_mask=columns(3), policy=Policy(agree=0))
    assert (choice.winner, choice.verdict, choice.margin) == (0, Verdict.FOUND, 0.0)


def test_disagreement_takes_the_point_experts_own() -> None:
    choice = gate(
        scores=[0.5, 0.99, 0.4],
        sources=["point", "joint", "point"],
        text_mask=columns(3),
    )
    assert (choice.winner, choice.verdict) == (0, Verdict.DISAGREE)
    assert choice.margin == pytest.approx(0.1)


def test_disagreement_without_point_candidates_takes_what_there_is() -> None:
    choice = gate(ABC, [0.5, 0.6, 0.9], ["refine", "refine", "text"], text_mask=columns(3))
    assert choice.winner == 1


def test_a_part_of_the_text_mask_is_no_witness_of_agreement() -> None:
    masks = np.stack([columns(0), columns(4)])
    choice = gate(masks, [0.9, 0.2], ["point", "text@click"], text_mask=columns(3, 4))
    assert choice.verdict is Verdict.DISAGREE and choice.winner == 0


def test_wide_pool_may_choose_another_source() -> None:
    choice = gate(np.stack([A, TEXT]), [0.9, 0.2], ["point", "text@click"])
    assert choice.winner == 1
    assert choice.reason.startswith("Candidate 2 of 2 (text@click) overlaps")


# --- presence -------------------------------------------------------------------------------


def test_empty_text_mask_and_low_presence_is_absent() -> None:
    choice = gate(text_mask=EMPTY, presence=0.2)
    assert is_absent(choice)
    assert choice.reason == (
        "The named thing is not in this image (presence 0.20, under 0.5): "
        "the words outline nothing."
    )


@pytest.mark.parametrize("presence", [None, 0.5, 0.9])
@pytest.mark.parametrize("agree", [0.0, 0.1])
def test_empty_text_mask_without_low_presence_disagrees(
    presence: float | None, agree: float
) -> None:
    choice = gate(text_mask=EMPTY, presence=presence, policy=Policy(agree=agree))
    assert (choice.winner, choice.verdict) == (0, Verdict.DISAGREE)
    assert choice.reason.startswith("The words outline nothing, so what was pointed at decides")


def test_empty_text_mask_never_elects_an_empty_candidate() -> None:
    choice = gate(np.stack([EMPTY, A]), [0.9, 0.1], text_mask=EMPTY, presence=0.9)
    assert choice.winner == 1
    assert choice.similarities is not None
    assert choice.similarities.tolist() == [1, 0]


def test_low_presence_beside_an_agreeing_text_mask_warns() -> None:
    choice = gate(presence=0.2)
    assert (choice.winner, choice.verdict) == (1, Verdict.FOUND)
    assert choice.reason.endswith(
        "(IoU 0.67, next 0.50), and the named thing may not be here (presence 0.20, under 0.5)."
    )


# IoU of A and B with {2, 3}: 0 and 1/4; with {1, 2, 3, 4}: 0 and 2/5.
@pytest.mark.parametrize(
    ("text_mask", "asked", "verdict"),
    [
        (columns(2, 3), {"presence": 0.2}, Verdict.DISAGREE),
        (columns(2, 3), {"presence": 0.5}, Verdict.FOUND),
        (columns(2, 3), {}, Verdict.FOUND),
        (columns(2, 3), {"presence": 0.2, "policy": Policy(agree_in_doubt=0.25)}, Verdict.FOUND),
        (columns(1, 2, 3, 4), {"presence": 0.2}, Verdict.FOUND),
        (
            columns(1, 2, 3, 4),
            {"presence": 0.2, "policy": Policy(agree=0.45, agree_in_doubt=0)},
            Verdict.DISAGREE,
        ),
    ],
)
def test_low_presence_needs_a_clearer_agreement(
    text_mask: np.ndarray, asked: dict[str, Any], verdict: Verdict
) -> None:
    choice = gate(np.stack([A, B]), SCORES[:2], text_mask=text_mask, **asked)
    assert choice.verdict is verdict
    # The point expert's own best, or the more similar one.
    assert choice.winner == (0 if verdict is Verdict.DISAGREE else 1)


def test_the_reason_of_a_doubtful_agreement() -> None:
    choice = gate(np.stack([A, B]), SCORES[:2], text_mask=columns(2, 3), presence=0.2)
    assert choice.similarities == pytest.approx([0, 1 / 4])
    assert choice.reason == (
        "The named thing may not be here (presence 0.20, under 0.5), and its text mask overlaps "
        "what was pointed at too little to tell (best IoU 0.25, under 0.3), so what was pointed "
        "at decides: candidate 1 of 2 (point) has the highest predicted IoU (0.90, next 0.60)."
    )


def test_low_presence_beside_a_disagreeing_text_mask() -> None:
    choice = gate(text_mask=columns(3), presence=0.2)
    assert choice.verdict is Verdict.DISAGREE
    assert "may not be here (presence 0.20, under 0.5), so what was pointed at" in choice.reason


# --- words alone ----------------------------------------------------------------------------


def alone(text_mask: np.ndarray = TEXT, **asked: Any) -> Choice:
    return gate(text_mask[None], [0.7], ["text"], text_mask=text_mask, **asked)


@pytest.mark.parametrize(
    ("presence", "said"), [(None, ""), (0.5, " (presence 0.50, at least 0.5)")]
)
def test_words_alone_give_the_text_mask(presence: float | None, said: str) -> None:
    choice = alone(presence=presence, text_understood=True)
    assert (choice.winner, choice.verdict, choice.margin) == (0, Verdict.FOUND, None)
    assert choice.similarities is None
    assert choice.mask.tolist() == TEXT.tolist()
    assert choice.reason == f"Only words were given, so the text mask is the answer{said}."


@pytest.mark.parametrize("text_mask", [TEXT, EMPTY])
def test_words_alone_absent_by_presence(text_mask: np.ndarray) -> None:
    choice = alone(text_mask, presence=0.49)
    assert is_absent(choice)
    assert choice.reason == "The named thing is not in this image (presence 0.49, under 0.5)."


def test_words_alone_that_outline_nothing() -> None:
    choice = alone(EMPTY, presence=0.9)
    assert is_absent(choice)
    assert choice.reason.startswith("The words outline nothing in this image (presence 0.90")


@pytest.mark.parametrize("count", [0, 1])
def test_words_alone_not_understood(count: int) -> None:
    masks = np.stack([TEXT] * 2)[:count]
    choice = gate(masks, [0.7] * count, ["text"] * count, presence=0.9, text_understood=False)
    assert is_absent(choice)
    assert choice.reason.startswith("No word of the phrase is known")


# --- pointing alone, words not understood, nothing to choose --------------------------------


def test_pointing_alone_takes_the_highest_score() -> None:
    choice = gate(text_mask=None)
    assert (choice.winner, choice.verdict, choice.similarities) == (0, Verdict.FOUND, None)
    assert choice.margin == pytest.approx(0.1)
    assert choice.reason == (
        "Candidate 1 of 3 (point) has the highest predicted IoU (0.90, next 0.80)."
    )


def test_pointing_alone_with_one_candidate() -> None:
    choice = gate(ABC[2:], [0.4], text_mask=None)
    assert (choice.winner, choice.margin) == (0, None)
    assert choice.reason.endswith("predicted IoU (0.40).")


def test_an_empty_candidate_never_wins() -> None:
    choice = gate(np.stack([EMPTY, A]), [0.9, 0.1], text_mask=None)
    assert (choice.winner, choice.margin) == (1, None)


@pytest.mark.parametrize("text_mask", [None, TEXT])
def test_not_understood_falls_back_to_pointing(text_mask: np.ndarray | None) -> None:
    choice = gate(text_mask=text_mask, presence=0.01, text_understood=False)
    assert (choice.winner, choice.verdict, choice.similarities) == (0, Verdict.FOUND, None)
    assert choice.reason == (
        "No word of the phrase is known to the model, so what was pointed at decides: candidate "
        "1 of 3 (point) has the highest predicted IoU (0.90, next 0.80)."
    )


def test_not_understood_ignores_candidates_made_with_words() -> None:
    choice = gate(
        scores=[0.5, 0.6, 0.9], sources=["point", "joint", "text@click"], text_understood=False
    )
    assert choice.winner == 0


@pytest.mark.parametrize("asked", [{}, {"text_mask": None}, {"presence": 0.1}])
def test_no_candidates(asked: dict[str, Any]) -> None:
    choice = gate(ABC[:0], [], **asked)
    assert is_absent(choice)
    assert choice.reason.startswith("No candidate mask was proposed")


@pytest.mark.parametrize("asked", [{}, {"text_mask": None}, {"text_understood": False}])
def test_only_empty_candidates(asked: dict[str, Any]) -> None:
    choice = gate(np.stack([EMPTY, EMPTY]), [0.9, 0.8], **asked)
    assert is_absent(choice)
    assert choice.reason.startswith("Every candidate mask is empty")


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"scores": [0.9, float("nan"), 0.8]}, "scores: expected finite numbers"),
        ({"scores": [0.9, float("inf"), 0.8]}, "scores: expected finite numbers"),
        ({"scores": [0.9, "high", 0.8]}, "scores: expected finite numbers"),
        ({"scores": [0.9]}, r"scores: expected shape \(3,\), got shape \(1,\)"),
        ({"sources": ["point"]}, "sources: expected 3 names"),
        ({"sources": "abc"}, "sources: expected 3 names, got 'abc'"),
        ({"masks": A}, "candidate masks: expected"),
        ({"masks": ABC.astype(float)}, "candidate masks: .*float64"),
        ({"masks": np.zeros((3, 0, 5), bool)}, "candidate masks: expected"),
        ({"text_mask": TEXT.T}, r"text mask: expected shape \(4, 5\) of bool, got shape \(5, 4\)"),
        ({"text_mask": None, "text_understood": True}, "text mask: expected a mask"),
        ({"presence": float("nan")}, "presence: expected finite"),
        ({"presence": 1.1}, "presence: expected a number from 0 to 1, got 1.1"),
    ],
)
def test_select_refuses(asked: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match):
        gate(**{"sources": POINTS, **asked})


@pytest.mark.parametrize(
    "values",
    [
        {"metric": "l2"},
        {"pool": "deep"},
        {"agree": 1.5},
        {"agree": float("nan")},
        {"agree_in_doubt": -0.1},
        {"presence_threshold": -0.1},
        {"weights": (0, 0, 0)},
        {"weights": (1, 2)},
        {"weights": (1, -2, 3)},
    ],
)
def test_policy_refuses(values: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(values))):
        Policy(**values)


def test_policy_names_what_decides() -> None:
    assert Policy().name == Policy(weights=(0, 0, 3)).name == "similarity"
    assert Policy(weights=(0, 0.25, 1)).name == "joint 0, 0.25, 1"
    with pytest.raises(FrozenInstanceError):
        Policy().agree = 0.2  # type: ignore[misc]


# --- properties -----------------------------------------------------------------------------

# Few distinct values, so that ties happen.
_SCORES = st.sampled_from([0.1, 0.5, 0.9])
_PRESENCE = st.none() | st.floats(0, 1)


@st.composite
def pools(draw: st.DrawFn) -> tuple[np.ndarray, list[float], list[str], np.ndarray]:
    count = draw(st.integers(1, 6))
    masks = draw(hnp.arrays(bool, (count, 3, 3)))
    scores = draw(st.lists(_SCORES, min_size=count, max_size=count))
    names = st.sampled_from(["point", "joint", "text@click", "refine"])
    sources = draw(st.lists(names, min_size=count, max_size=count))
    return masks, scores, sources, draw(hnp.arrays(bool, (3, 3)))


@settings(max_examples=200, deadline=None)
@given(pools(), _PRESENCE, st.sampled_from(["iou", "dice"]))
def test_the_winner_has_the_greatest_similarity(pool: Any, presence: Any, metric: Any) -> None:
    masks, scores, sources, text = pool
    choice = select(
        masks, scores, sources, text_mask=text, presence=presence, policy=Policy(metric=metric)
    )
    expected = similarity(text, masks, metric)
    if choice.verdict is Verdict.FOUND:
        assert choice.winner is not None
        filled = [i for i in range(len(masks)) if masks[i].any()]
        assert expected[choice.winner] == max(expected[i] for i in filled)
        ties = [i for i in filled if expected[i] == expected[choice.winner]]
        assert scores[choice.winner] == max(scores[i] for i in ties)


@settings(max_examples=200, deadline=None)
@given(pools(), _PRESENCE, st.none() | st.booleans(), st.sampled_from([(0, 0, 1), (0.1, 0.4, 0.5)]))
def test_every_answer_is_coherent(pool: Any, presence: Any, understood: Any, weights: Any) -> None:
    masks, scores, sources, text = pool
    asked = {"text_mask": text, "presence": presence, "text_understood": understood}
    choice = select(masks, scores, sources, **asked, policy=Policy(weights=weights))
    again = select(masks, scores, sources, **asked, policy=Policy(weights=weights))
    assert (choice.winner, choice.margin, choice.reason) == (
        again.winner,
        again.margin,
        again.reason,
    )
    assert choice.margin is None or choice.margin >= 0
    assert choice.mask.any() == (choice.verdict is not Verdict.ABSENT)
    assert (choice.winner is None) == (choice.verdict is Verdict.ABSENT)
    if choice.winner is not None:
        assert np.array_equal(choice.mask, masks[choice.winner])
    assert choice.reason.endswith(".")
    assert choice.reason[0].isupper()
    assert "\n" not in choice.reason


@settings(max_examples=200, deadline=None)
@given(pools(), _PRESENCE, st.randoms(use_true_random=False))
def test_permuting_the_candidates_permutes_the_answer(
    pool: Any, presence: Any, random: Any
) -> None:
    masks, scores, sources, text = pool
    order = random.sample(range(len(masks)), len(masks))
    plain = select(masks, scores, sources, text_mask=text, presence=presence)
    mixed = select(
        masks[order],
        [scores[i] for i in order],
        [sources[i] for i in order],
        text_mask=text,
        presence=presence,
    )
    assert (mixed.verdict, mixed.margin) == (plain.verdict, plain.margin)
    if plain.winner is None or mixed.winner is None:
        assert plain.winner is mixed.winner
        return
    # Only candidates alike in all that counts may take each other's place.
    there = order[mixed.winner]
    assert scores[there] == scores[plain.winner]
    assert mixed.similarities is not None
    assert plain.similarities is not None
    assert np.array_equal(mixed.similarities, plain.similarities[order])
    if plain.verdict is Verdict.FOUND:
        assert mixed.similarity == plain.similarity
    unique = {
        (score, float(value)) for score, value in zip(scores, plain.similarities, strict=True)
    }
    if len(set(scores)) == len(scores) or (
        plain.verdict is Verdict.FOUND and len(unique) == len(scores)
    ):
        assert there == plain.winner


def test_the_wide_pool_decides_by_consensus_unless_told() -> None:
    assert Policy().rule == Policy().name == "similarity"
    assert Policy(pool="wide").rule == Policy(pool="wide").name == "consensus"
    assert Policy(pool="wide", weights=(0, 0, 1)).rule == "similarity"
    told = Policy(pool="wide", weights=(0, 0.5, 0.5))
    assert (told.rule, told.name) == ("joint", "joint 0, 0.5, 0.5")


# --- the consensus of the experts -----------------------------------------------------------


def test_consensus_is_the_mean_likeness_to_each_group() -> None:
    masks = np.stack([columns(0, 1), columns(0, 1, 2), columns(0, 1, 2, 3), columns(3)])
    sources = ["point", "point", "joint", "refine"]
    found = consensus(masks, sources, columns(0, 1))
    words = np.array([1.0, 2 / 3, 1 / 2, 0.0])
    pointed = np.array([(1 + 2 / 3) / 2, (2 / 3 + 1) / 2, (1 / 2 + 3 / 4) / 2, 0.0])
    joint = np.array([1 / 2, 3 / 4, 1.0, 1 / 4])
    say = LESSER_SAY
    np.testing.assert_allclose(found, (say * words + pointed + (1 + say) * joint) / (2 + 2 * say))


def test_consensus_without_joint_candidates() -> None:
    masks = np.stack([columns(0, 1), columns(0, 1, 2)])
    found = consensus(masks, ["point", "point"], columns(0, 1))
    pointed = (1 + 2 / 3) / 2
    wanted = [(LESSER_SAY * alike + pointed) / (1 + LESSER_SAY) for alike in (1.0, 2 / 3)]
    np.testing.assert_allclose(found, wanted)


def test_what_the_experts_agree_on_wins_over_what_the_words_alone_outline() -> None:
    masks = np.stack([columns(0, 1), columns(0, 1, 2), columns(0, 1, 2), columns(0, 1, 2, 3, 4)])
    sources = ["point", "point", "joint", "text@click"]
    words = columns(0, 1, 2, 3, 4)
    choice = select(
        masks, [0.9, 0.5, 0.4, 0.9], sources, text_mask=words, policy=Policy(pool="wide")
    )
    assert choice.winner in (1, 2) and choice.verdict is Verdict.FOUND
    assert "agrees best with all experts" in choice.reason
    alone = select(masks, [0.9, 0.5, 0.4, 0.9], sources, text_mask=words)
    assert alone.winner == 3


@given(
    hnp.arrays(bool, (5, 4, 6)), hnp.arrays(bool, (4, 6)),
    st.lists(st.sampled_from(["point", "joint", "refine"]), min_size=5, max_size=5),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_consensus_lies_in_its_range_and_follows_its_candidates(
    masks: Any, words: Any, sources: list[str], random: Any
) -> None:
    found = consensus(masks, sources, words)
    assert ((found >= 0) & (found <= 1 + 1e-12)).all()
    order = random.sample(range(5), 5)
    # joint candidates keep their order among themselves: the clear one comes first
    joint = iter(i for i, source in enumerate(sources) if source == "joint")
    order = [next(joint) if sources[i] == "joint" else i for i in order]
    moved = consensus(masks[order], [sources[i] for i in order], words)
    np.testing.assert_allclose(moved, found[order])


def _nested() -> np.ndarray:
    """A part within a thing within a whole, and the thing once more, a pixel larger."""
    masks = np.zeros((4, 20, 20), bool)
    masks[0, 4:14, 4:14] = True  # 100: the thing
    masks[1, 6:10, 6:10] = True  # 16: a part
    masks[2, 1:19, 1:19] = True  # 324: the whole
    masks[3, 4:14, 4:14] = True
    masks[3, 14, 4] = True  # 101: nearly the thing, less sure
    return masks


@pytest.mark.parametrize(
    ("granularity", "winner"), [(None, 0), ("part", 1), ("object", 0), ("whole", 2)]
)
def test_granularity_decides_by_size(granularity: Any, winner: int) -> None:
    choice = select(
        _nested(), [0.9, 0.5, 0.6, 0.8], ["point"] * 4, policy=Policy(granularity=granularity)
    )
    assert choice.winner == winner
    np.testing.assert_array_equal(choice.mask, _nested()[winner])
    assert (granularity or "highest predicted IoU") in choice.reason


def test_the_object_of_two_levels_is_the_surer_one() -> None:
    policy = Policy(granularity="object")
    two = _nested()[:2]
    assert select(two, [0.9, 0.5], ["point"] * 2, policy=policy).winner == 0
    assert select(two, [0.5, 0.9], ["point"] * 2, policy=policy).winner == 1


def test_granularity_neither_finds_what_is_absent_nor_takes_other_experts() -> None:
    masks, policy = _nested(), Policy(granularity="whole")
    nothing = np.zeros_like(masks[0])
    scores = [0.9, 0.5, 0.6, 0.8]
    absent = select(
        masks, scores, ["point"] * 4, text_mask=nothing, presence=0.1, text_understood=True,
        policy=policy,
    )  # fmt: skip
    assert absent.winner is None and not absent.mask.any()
    names = ["point", "point", "joint", "joint"]
    found = select(
        masks, scores, names, text_mask=masks[0], presence=0.9, text_understood=True, policy=policy
    )
    assert found.winner == 0  # the whole of the point expert's two


def test_words_alone_have_one_level() -> None:
    mask = _nested()[:1]
    choice = select(
        mask, [0.9], ["text"], text_mask=mask[0], presence=0.9, text_understood=True,
        policy=Policy(granularity="part"),
    )  # fmt: skip
    assert choice.winner == 0 and "part" not in choice.reason


def test_a_granularity_that_there_is_not() -> None:
    with pytest.raises(InputError, match="granularity: expected 'part', 'object', 'whole', got"):
        Policy(granularity="all")  # type: ignore[arg-type]
