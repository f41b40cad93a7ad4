"""The decision itself (BiPrompt-SAM eq. 5); its rules stand in the package docstring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.results import Verdict
from biprompt.selection import _checks
from biprompt.selection._checks import BoolArray, FloatArray
from biprompt.selection.choice import Candidates, Choice
from biprompt.selection.granular import at_level
from biprompt.selection.measures import METRIC_NAMES, consensus, joint_score, similarity
from biprompt.selection.policy import Policy

_UNKNOWN = "No word of the phrase is known to the model"


def select(
    masks: npt.ArrayLike,
    scores: npt.ArrayLike,
    sources: Sequence[str],
    *,
    text_mask: npt.ArrayLike | None = None,
    presence: float | None = None,
    text_understood: bool | None = None,
    policy: Policy | None = None,
) -> Choice:
    """Choose among the candidates (BiPrompt-SAM eq. 5, and the rules of the package docstring).

    When only words were given, the text mask itself is the one candidate, of source `Source.TEXT`.

    Args:
        masks: (K, H, W) bool candidates, original frame; K may be 0.
        scores: (K,) predicted IoU of each, finite.
        sources: K names, as those of `Source`; `Source.TEXT` is the text expert alone,
            `Source.POINT` the point expert alone.
        text_mask: (H, W) bool; None without words.
        presence: 0 to 1, how likely the named thing is in the image; None when the model gives
            none, and then it is never below the threshold.
        text_understood: False when no word of the phrase is known to the model; None without
            words, or when the model cannot tell.
        policy: how to decide; `Policy()` when left out.

    Returns:
        The choice, with the reason.

    Raises:
        InputError: a shape, length or value does not fit, or the words were understood and there
            is no text mask.
    """
    pool = Candidates.checked(masks, scores, sources)
    policy = policy or Policy()
    words = None if text_mask is None else _checks.text_mask(text_mask, pool.masks.shape[1:])
    if words is None and text_understood:
        raise InputError("text mask", expected="a mask, as the words were understood", actual=None)
    if presence is not None:
        presence = _checks.unit("presence", presence)
    choice = _decide(pool, words, presence, text_understood, policy)
    choice = at_level(choice, pool, policy.granularity)
    return replace(choice, reason=choice.reason[:1].upper() + choice.reason[1:])


def _decide(
    pool: Candidates,
    words: BoolArray | None,
    presence: float | None,
    text_understood: bool | None,
    policy: Policy,
) -> Choice:
    if text_understood is False and pool.text_only:
        return pool.absent(
            "No word of the phrase is known to the model, so there is nothing to look for."
        )
    if len(pool.scores) == 0:
        return pool.absent("No candidate mask was proposed, so there is nothing to choose.")
    if pool.text_only and words is not None:
        return _words_alone(pool, presence, policy)
    if not pool.filled.any():
        return pool.absent("Every candidate mask is empty, so there is nothing to choose.")
    if text_understood is False:
        return _fall_back(pool, _UNKNOWN)
    if words is None:
        return pool.best_by_score(pool.filled)
    return _gate(pool, words, presence, policy)


def _words_alone(pool: Candidates, presence: float | None, policy: Policy) -> Choice:
    compared = _compared(presence, policy)
    if _is_low(presence, policy):
        return pool.absent(f"The named thing is not in this image ({compared}).")
    said = f" ({compared})" if compared else ""
    if not pool.filled.any():
        return pool.absent(f"The words outline nothing in this image{said}.")
    best = pool.best_by_score(pool.filled)
    return replace(best, reason=f"Only words were given, so the text mask is the answer{said}.")


def _gate(pool: Candidates, words: BoolArray, presence: float | None, policy: Policy) -> Choice:
    """Decide between candidates with the help of a text mask."""
    similarities = similarity(words, pool.masks, policy.metric)
    compared = _compared(presence, policy)
    doubt = ""
    if _is_low(presence, policy):
        doubt = f", and the named thing may not be here ({compared})"
    if not words.any():
        if doubt:
            reason = (
                f"The named thing is not in this image ({compared}): the words outline nothing."
            )
            return pool.absent(reason, similarities)
        return _disagree(pool, similarities, "The words outline nothing")
    best = float(similarities[pool.witnesses].max(initial=0.0))
    least = policy.least_similarity(in_doubt=bool(doubt))
    if best >= least:
        values = _values(pool, words, similarities, presence, policy)
        return _agree(pool, similarities, values, policy, doubt)
    value = f"best {METRIC_NAMES[policy.metric]} {best:.2f}, under {least:g}"
    why = f"The text mask overlaps nothing that was pointed at ({value}){doubt}"
    if best >= policy.agree:
        why = (
            f"The named thing may not be here ({compared}), and its text mask overlaps what was "
            f"pointed at too little to tell ({value})"
        )
    return _disagree(pool, similarities, why)


def _values(
    pool: Candidates,
    words: BoolArray,
    similarities: FloatArray,
    presence: float | None,
    policy: Policy,
) -> FloatArray:
    """What decides between the candidates, (K,)."""
    if policy.rule == "consensus":
        return consensus(pool.masks, pool.sources, words, policy.metric)
    if policy.rule == "joint":
        return joint_score(presence, pool.scores, similarities, policy.weighing)
    return similarities


def _agree(
    pool: Candidates,
    similarities: FloatArray,
    values: FloatArray,
    policy: Policy,
    doubt: str,
) -> Choice:
    winner, second = pool.ranked(values, pool.filled)
    alike = f"{METRIC_NAMES[policy.metric]} {similarities[winner]:.2f}"
    most = f"overlaps the text mask most ({alike}"
    text = {
        "similarity": most,
        "composed": most,
        "joint": f"has the highest joint score ({values[winner]:.2f}, at {alike}",
        "consensus": f"agrees best with all experts ({values[winner]:.2f}, at {alike}",
    }[policy.rule]
    margin = None if second is None else float(values[winner] - values[second])
    following = "" if second is None else _following(pool, values, winner, second)
    reason = f"{pool.name(winner)} {text}{following}){doubt}."
    return Choice(winner, Verdict.FOUND, similarities, margin, reason, pool.masks[winner])


def _following(pool: Candidates, values: FloatArray, winner: int, second: int) -> str:
    if values[winner] > values[second]:
        shown = f"{values[second]:.2f}"
        return f", next {shown if shown != f'{values[winner]:.2f}' else 'just under'}"
    if pool.scores[winner] > pool.scores[second]:
        return ", the same as the next, whose predicted IoU is lower"
    return ", the same as the next"


def _disagree(pool: Candidates, similarities: FloatArray, why: str) -> Choice:
    best = _fall_back(pool, why)
    return replace(best, verdict=Verdict.DISAGREE, similarities=similarities)


def _fall_back(pool: Candidates, why: str) -> Choice:
    best = pool.best_by_score(pool.own)
    return replace(best, reason=f"{why}, so what was pointed at decides: {best.reason}")


def _is_low(presence: float | None, policy: Policy) -> bool:
    return presence is not None and presence < policy.presence_threshold


def _compared(presence: float | None, policy: Policy) -> str:
    if presence is None:
        return ""
    relation = "under" if _is_low(presence, policy) else "at least"
    return f"presence {presence:.2f}, {relation} {policy.presence_threshold:g}"
