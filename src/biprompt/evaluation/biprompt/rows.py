"""The masks behind the report: a row for each table's line, a mask for each of its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np

from biprompt.data.outlines import BoolMask
from biprompt.evaluation.biprompt.answers import Answers, Pair
from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.choosing import Offered
from biprompt.evaluation.biprompt.weights import joint_winners, weights_name
from biprompt.metrics import overlap
from biprompt.results import Candidate, Segmentation

T = TypeVar("T")
U = TypeVar("U")
Rows = dict[str, dict[str, T]]
"""By row, then by column."""

MEASURES = {
    "box": "tight box of the truth alone",
    "click_own": "click: own pick",
    "click_best": "click: best of its candidates",
    "text": "words alone",
    "text_mask": "words alone, presence not asked",
    "gate_paper": "click + words, gate, pool=paper",
    "gate_wide": "click + words, gate, pool=wide",
    "gate_parts": "click + words, expected IoU, pool=parts",
    "joint_paper": "click + words, joint score 0, 0.5, 0.5, pool=paper",
    "joint_wide": "click + words, joint score 0, 0.5, 0.5, pool=wide",
    "oracle": "best candidate of pool=wide",
}
"""The columns of the main row, in words."""

POOLS = ("paper", "wide")
MAIN = "main"
_JOINT = (0.0, 0.5, 0.5)


def point_row(source: str) -> str:
    """Return the name of the row of a source of the point."""
    return f"point {source}"


def template_row(template: str) -> str:
    """Return the name of the row of a template."""
    return f"template {template}"


def weights_row(pool: str) -> str:
    """Return the name of the row of a pool; its columns are weights."""
    return f"weights {pool}"


def map_rows(change: Callable[[T], U], rows: Mapping[str, Mapping[str, T]]) -> Rows[U]:
    """Return the same rows and columns with other values."""
    return {
        row: {name: change(value) for name, value in each.items()} for row, each in rows.items()
    }


def count_rows(rows: Rows[BoolMask], truth: BoolMask, ignore: BoolMask | None) -> Rows[list[int]]:
    """Return [pixels in mask and truth, pixels of the mask] of every cell.

    Args:
        rows: (H, W) bool masks.
        truth: (H, W) bool.
        ignore: (H, W) bool, pixels that count nowhere.
    """
    seen: dict[int, list[int]] = {}  # one answer stands in many cells

    def count(mask: BoolMask) -> list[int]:
        if id(mask) not in seen:
            found = overlap(mask, truth, ignore)
            seen[id(mask)] = [found.intersection, found.prediction]
        return seen[id(mask)]

    return map_rows(count, rows)


def mask_rows(answers: Answers, asking: Asking) -> Rows[BoolMask]:
    """Return every mask of the report, (H, W) bool; the same array where it is the same answer.

    Args:
        answers: about one thing. Without words, only what the click gave is there.
        asking: what was asked.
    """
    main, template = asking.pairs[0]
    rows: Rows[BoolMask] = {MAIN: _clicked(answers, main)}
    if answers.box is not None:
        rows[MAIN]["box"] = answers.box.mask
    if answers.said:
        rows[MAIN] |= _said(answers.said[template]) | _gated(answers, (main, template))
        if answers.parts is not None:
            rows[MAIN]["gate_parts"] = answers.parts.mask
        rows[MAIN] |= _weighed(answers, (main, template))
    for source in answers.pointed:
        gated = _gated(answers, (source, template)) if answers.said else {}
        rows[point_row(source)] = _clicked(answers, source) | gated
    for each, said in answers.said.items():
        rows[template_row(each)] = _said(said) | _gated(answers, (main, each))
    if answers.said:
        rows |= _over_weights(answers, asking)
    return rows


def _clicked(answers: Answers, source: str) -> dict[str, BoolMask]:
    answer = answers.pointed[source]
    best = answers.best(answer.card.candidates)
    return {"click_own": answer.mask, "click_best": _mask(best, answer)}


def _said(answer: Segmentation) -> dict[str, BoolMask]:
    outlined = answer.card.text_mask
    return {"text": answer.mask, "text_mask": answer.mask if outlined is None else outlined}


def _gated(answers: Answers, pair: Pair) -> dict[str, BoolMask]:
    paper = answers.paper(pair)
    winner = paper.choose(answers.policy).winner
    return {"gate_paper": paper.mask(winner), "gate_wide": answers.both[pair].mask}


def _weighed(answers: Answers, pair: Pair) -> dict[str, BoolMask]:
    wide = answers.both[pair]
    masks = {f"joint_{pool}": _joint(answers, each) for pool, each in _pools(answers, pair).items()}
    return masks | {"oracle": _mask(answers.best(wide.card.candidates), wide)}


def _pools(answers: Answers, pair: Pair) -> dict[str, Offered]:
    offered = (answers.paper(pair), Offered.of(answers.both[pair]))
    return dict(zip(POOLS, offered, strict=True))


def _joint(answers: Answers, offered: Offered) -> BoolMask:
    return offered.mask(offered.choose(answers.policy, _JOINT).winner)


def _over_weights(answers: Answers, asking: Asking) -> Rows[BoolMask]:
    names = [weights_name(weights) for weights in asking.grid]
    rows: Rows[BoolMask] = {}
    for pool, offered in _pools(answers, asking.pairs[0]).items():
        winners = joint_winners(offered, answers.policy, asking.grid)
        masks = map(offered.mask, winners)
        rows[weights_row(pool)] = dict(zip(names, masks, strict=True))
    return rows


def _mask(candidate: Candidate | None, answer: Segmentation) -> BoolMask:
    return np.zeros_like(answer.mask) if candidate is None else candidate.mask
