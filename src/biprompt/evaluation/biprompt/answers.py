"""Ask a model about one thing: every point alone, all words alone, and both together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from biprompt.data.clicks import Click
from biprompt.data.outlines import BoolMask
from biprompt.evaluation.baselines import Painted
from biprompt.evaluation.biprompt.asking import Asking, phrase
from biprompt.evaluation.biprompt.cases import Case
from biprompt.evaluation.biprompt.choosing import Offered
from biprompt.evaluation.biprompt.points import place_point
from biprompt.evaluation.biprompt.saying import say
from biprompt.evaluation.model import Contender, check_answer, click_prompt
from biprompt.masks import bbox_xyxy
from biprompt.metrics import Overlap, overlap
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation
from biprompt.selection import Policy

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model answered about one thing.

    Attributes:
        truth: (H, W) bool.
        ignore: (H, W) bool, pixels that count nowhere, or None.
        policy: the gate's rules, with the paper's pool.
        pointed: answers to the click alone, by source of the point, the main one first.
        said: answers to the words alone, by template, the main one first; none where the contender
            takes no words.
        box: the answer to the tight box alone, None where the contender takes none.
        both: answers to both over the wide pool, by source and template, the main pair first.
        parts: the answer to the main pair over the pool of parts, None where words are not read.
    """

    truth: BoolMask
    ignore: BoolMask | None
    policy: Policy
    pointed: Mapping[str, Segmentation]
    said: Mapping[str, Segmentation]
    box: Segmentation | None
    both: Mapping[Pair, Segmentation]
    parts: Segmentation | None = None

    def overlap(self, mask: BoolMask) -> Overlap:
        """Count the pixels of a mask and of the truth."""
        return overlap(mask, self.truth, self.ignore)

    def best(self, candidates: tuple[Candidate, ...]) -> Candidate | None:
        """Return the candidate most like the truth, the first among equals; None of none."""
        return max(candidates, key=lambda each: self.overlap(each.mask).iou, default=None)

    def paper(self, pair: Pair) -> Offered:
        """Return the paper's pool of a pair: the click's candidates and the mask of the words.

        The click's candidates are the whole pool, so a model asked for both chooses as its parts do
        when each was asked alone (eqs. 1 to 5), and the decoder need not run again.
        """
        return Offered.together(self.pointed[pair[0]], self.said[pair[1]])


def ask(contender: Contender, scene: Any, case: Case, asking: Asking) -> Answers | None:
    """Ask about one thing, with all points and all words.

    Args:
        contender: who is asked; baselines that only paint are clicked and nothing else.
        scene: what it made of the image.
        case: the thing.
        asking: what is asked.

    Returns:
        The answers, None where no pixel of the thing can be pointed at.

    Raises:
        DataError: the image has another size than its masks.
        PromptError: the model takes no words, or no points.
    """
    truth, ignore = case.sample.mask(), case.sample.ignore_mask()
    clicks = place_points(case, truth, ignore, asking)
    if not clicks:
        return None
    paper = replace(contender.policy, pool="paper")
    listening = not isinstance(contender.model, Painted)
    pointing = {each: click_prompt([click[:2]], [1]) for each, click in clicks.items()}
    prompts = [*pointing.values(), *([Prompt.build(box=bbox_xyxy(truth))] if listening else [])]
    found = contender.model.segment_many(scene, prompts, policy=paper)
    check_answer(found[0], truth, case.picture.path)
    pointed = dict(zip(pointing, found, strict=False))
    words = {each: phrase(each, case.label) for each in asking.templates} if listening else {}
    said, unread = say(contender, scene, words, found[0], paper)
    pairs = asking.pairs if listening else ()
    both = {
        (point, template): click_prompt([clicks[point][:2]], [1], text=words[template])
        for point, template in pairs
        if template not in unread
    }
    wide, parts = (replace(contender.policy, pool=pool) for pool in ("wide", "parts"))
    gated = contender.model.segment_many(scene, list(both.values()), policy=wide) if both else ()
    together = dict(zip(both, gated, strict=True))
    first = [both[pair] for pair in pairs[:1] if pair in both]
    apart = contender.model.segment_many(scene, first, policy=parts) if first else [None]
    return Answers(
        truth,
        ignore,
        paper,
        pointed,
        said,
        found[-1] if listening else None,
        {pair: together.get(pair, pointed[pair[0]]) for pair in pairs},
        apart[0],
    )


def place_points(
    case: Case, truth: BoolMask, ignore: BoolMask | None, asking: Asking
) -> dict[str, Click]:
    """Return the click of every source; none where no pixel can be clicked.

    Args:
        case: the thing.
        truth: (H, W) bool, its mask.
        ignore: (H, W) bool, pixels that are never clicked.
        asking: which sources, and the seed.
    """
    placed = {
        source: place_point(source, truth, ignore, seed=asking.seed, key=case.thing)
        for source in asking.points
    }
    return {source: click for source, click in placed.items() if click is not None}
