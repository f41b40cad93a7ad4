"""What is kept of one thing, and of all things of one name in one image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from biprompt.data.outlines import BoolMask
from biprompt.evaluation.biprompt.answers import Answers
from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.cases import Case
from biprompt.evaluation.biprompt.rows import Rows, count_rows
from biprompt.metrics import Overlap
from biprompt.results import Candidate, Segmentation

Counts = Sequence[int]
"""[pixels in both, pixels of the answer]; those of the truth are kept once."""


@dataclass(frozen=True, slots=True)
class DualRun:
    """What one thing gave, or all things of one name in one image together.

    Attributes:
        key: of the thing; of the image and the name where things are joined.
        label: the name or the sentence.
        image: which image it is in.
        joined: how many things were joined, None for one thing by itself.
        truth: pixels of the truth, outside ignored ones.
        counts: by row and column of the report, see `rows`; none where nothing could be pointed at.
        candidates: for each candidate of the main click: pixels in both, pixels of the candidate,
            predicted IoU.
        picked: whether the best candidate was taken: by the click's own pick and the paper's gate
            among the click's, by the wide gate among its own.
        winner: source that won in the wide pool, None for none.
        verdicts: of the words alone, and of the gate over each pool.
        words: by template: presence (0 to 1 or None), whether they were understood (None when the
            model cannot tell), verdict.
    """

    key: str
    label: str
    image: str
    joined: int | None = None
    truth: int = 0
    counts: Mapping[str, Mapping[str, Counts]] = field(default_factory=dict)
    candidates: Sequence[Sequence[float]] = ()
    picked: Mapping[str, bool] = field(default_factory=dict)
    winner: str | None = None
    verdicts: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def overlap(self, row: str, column: str) -> Overlap | None:
        """Return the sums of one cell, None where there is none."""
        found = self.counts.get(row, {}).get(column)
        return None if found is None else Overlap(found[0], found[1], self.truth)


def run_of(case: Case, answers: Answers | None, rows: Rows[BoolMask], asking: Asking) -> DualRun:
    """Return the record of one thing.

    Args:
        case: the thing.
        answers: about it, None where nothing could be pointed at.
        rows: what `mask_rows` made of them.
        asking: what was asked.
    """
    if answers is None:
        return DualRun(case.key, case.label, case.image_id)
    pointed = next(iter(answers.pointed.values()))
    return DualRun(
        case.key,
        case.label,
        case.image_id,
        truth=answers.overlap(answers.truth).truth,
        counts=count_rows(rows, answers.truth, answers.ignore),
        candidates=[_candidate(answers, each) for each in pointed.card.candidates],
        **_chosen(answers, pointed, asking),
    )


def _candidate(answers: Answers, candidate: Candidate) -> list[float]:
    found = answers.overlap(candidate.mask)
    return [found.intersection, found.prediction, float(candidate.score)]


def _chosen(answers: Answers, pointed: Segmentation, asking: Asking) -> dict[str, Any]:
    """What was picked, who won, and what the words said."""
    own = {"own": _is_best(answers, pointed.card.candidates, pointed.card.winner)}
    if not answers.said:
        return {"picked": own}
    pair = asking.pairs[0]
    paper, wide, said = answers.paper(pair).choose(answers.policy), answers.both[pair], answers.said
    winner = wide.card.winner
    return {
        "picked": own
        | {
            "gate_paper": _is_best(answers, pointed.card.candidates, paper.winner),
            "gate_wide": _is_best(answers, wide.card.candidates, winner),
        },
        "winner": None if winner is None else str(wide.card.candidates[winner].source),
        "verdicts": {
            "text": said[pair[1]].verdict.value,
            "gate_paper": paper.verdict.value,
            "gate_wide": wide.verdict.value,
        },
        "words": {template: _understanding(answer) for template, answer in said.items()},
    }


def _is_best(answers: Answers, offered: tuple[Candidate, ...], winner: int | None) -> bool:
    best = answers.best(offered)
    if winner is None or best is None:
        return False
    return answers.overlap(offered[winner].mask).iou == answers.overlap(best.mask).iou


def _understanding(answer: Segmentation) -> dict[str, Any]:
    return {
        "presence": answer.presence,
        "understood": answer.card.text_understood,
        "verdict": answer.verdict.value,
    }
