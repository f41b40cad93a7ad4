"""The BiPrompt protocol: one click, the name, and the gate between both experts.

The click is the simulator's first one, the middle of the object; the words are the class name
(the paper's best template, its Table 4). Measured on the same objects: the click alone (own pick
and the best of its candidates), the words alone, the gate over both pools, the joint score of
eq. 8, and the best any gate could have picked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from biprompt.data.clicks import next_click
from biprompt.data.coco import BoolMask, CocoAnnotation, CocoDataset, CocoImage
from biprompt.evaluation.interactive import correlation
from biprompt.evaluation.model import Contender, check_answer, click_prompt
from biprompt.evaluation.objects import photos
from biprompt.metrics import bootstrap_interval, mean, overlap
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.selection import Policy, select

JOINT_WEIGHTS = (0.0, 0.5, 0.5)

MEASURES = {
    "click_own": "click: own pick",
    "click_best": "click: best of its candidates",
    "text": "words alone",
    "text_mask": "words alone, presence not asked",
    "gate_paper": "click + name, gate, pool=paper",
    "gate_wide": "click + name, gate, pool=wide",
    "joint_paper": "click + name, joint score 0, 0.5, 0.5, pool=paper",
    "joint_wide": "click + name, joint score 0, 0.5, 0.5, pool=wide",
    "oracle": "best candidate of pool=wide",
}
GAINS = {
    "gate_paper - click_own": ("gate_paper", "click_own"),
    "gate_wide - click_own": ("gate_wide", "click_own"),
    "gate_paper - text": ("gate_paper", "text"),
    "gate_wide - text": ("gate_wide", "text"),
    "gate_wide - gate_paper": ("gate_wide", "gate_paper"),
}


@dataclass(frozen=True, slots=True)
class DualRun:
    """What one object gave.

    Attributes:
        key: file name and annotation number.
        label: category name, the words asked.
        ious: IoU by measure, the keys of MEASURES.
        candidate_ious: IoU of each candidate of the click alone.
        candidate_scores: predicted IoU of each of them.
        picked: index of the click's own pick and of the paper gate's among them, None for none.
        winner: source that won in the wide pool, None for none.
        verdicts: verdict of words alone, and of the gate over each pool.
        presence: 0 to 1, or None.
        understood: whether the name meant anything to the model, None when it cannot tell.
    """

    key: str
    label: str
    ious: dict[str, float]
    candidate_ious: Sequence[float]
    candidate_scores: Sequence[float]
    picked: Sequence[int | None]
    winner: str | None
    verdicts: dict[str, str]
    presence: float | None
    understood: bool | None


def dual(
    contender: Contender,
    dataset: CocoDataset,
    *,
    limit: int | None = None,
    done: Container[str] = (),
) -> Iterator[DualRun]:
    """Yield one record an object; arguments as `biprompt.evaluation.interactive.interactive`."""
    for image, objects in photos(dataset, limit, done):
        scene = contender.model.embed(image.path)
        for key, annotation in objects:
            answers = _ask(contender, scene, image, annotation)
            yield _record(key, annotation, answers, contender.policy)


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    click: Segmentation
    text: Segmentation
    paper: Segmentation
    wide: Segmentation


def _ask(
    contender: Contender, scene: Any, image: CocoImage, annotation: CocoAnnotation
) -> _Answers:
    truth, ignore = annotation.mask(), annotation.ignore_mask()
    click = next_click(truth, np.zeros_like(truth), ignore)
    point = (click.x, click.y) if click else (0.0, 0.0)
    both = click_prompt([point], [1], text=annotation.label)
    alone = click_prompt([point], [1]), Prompt.build(text=annotation.label)
    paper = replace(contender.policy, pool="paper")
    own, said, gated = contender.model.segment_many(scene, [*alone, both], policy=paper)
    wide = replace(contender.policy, pool="wide")
    answers = _Answers(
        click=own,
        text=said,
        paper=gated,
        wide=contender.model.segment(scene, prompt=both, policy=wide),
    )
    check_answer(answers.click, truth, image.path)
    return answers


def _record(key: str, annotation: CocoAnnotation, answers: _Answers, policy: Policy) -> DualRun:
    truth, ignore = annotation.mask(), annotation.ignore_mask()

    def iou(mask: BoolMask) -> float:
        return overlap(mask, truth, ignore).iou

    offered = [iou(candidate.mask) for candidate in answers.click.card.candidates]
    text_mask, joint = answers.text.card.text_mask, replace(policy, weights=JOINT_WEIGHTS)
    wide = answers.wide.card
    return DualRun(
        key=key,
        label=annotation.label,
        ious={
            "click_own": iou(answers.click.mask),
            "click_best": max(offered, default=0.0),
            "text": iou(answers.text.mask),
            "text_mask": iou(answers.text.mask if text_mask is None else text_mask),
            "gate_paper": iou(answers.paper.mask),
            "gate_wide": iou(answers.wide.mask),
            "joint_paper": iou(joint_pick(answers.paper, joint)),
            "joint_wide": iou(joint_pick(answers.wide, joint)),
            "oracle": max((iou(candidate.mask) for candidate in wide.candidates), default=0.0),
        },
        candidate_ious=offered,
        candidate_scores=[float(c.score) for c in answers.click.card.candidates],
        picked=[answers.click.card.winner, answers.paper.card.winner],
        winner=None if wide.winner is None else str(wide.candidates[wide.winner].source),
        verdicts={
            "text": answers.text.verdict.value,
            "gate_paper": answers.paper.verdict.value,
            "gate_wide": answers.wide.verdict.value,
        },
        presence=answers.text.presence,
        understood=answers.text.card.text_understood,
    )


def joint_pick(answer: Segmentation, policy: Policy) -> BoolMask:
    """Return what a policy, as the joint score of eq. 8, picks among an answer's candidates."""
    card = answer.card
    if not card.candidates:
        return answer.mask
    choice = select(
        np.stack([candidate.mask for candidate in card.candidates]),
        [candidate.score for candidate in card.candidates],
        [candidate.source for candidate in card.candidates],
        text_mask=card.text_mask,
        presence=answer.presence,
        text_understood=card.text_understood,
        policy=policy,
    )
    return choice.mask


def summarize(runs: Sequence[DualRun]) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values, with 95 % bootstrap intervals.

    Returns:
        `objects`; `iou` by measure; `gain`: paired differences; `picked_best`: how often the own
        pick and the paper gate take the best of the click's candidates; `winners`, `verdicts`:
        how often each came up; `understood`: share of names that meant something;
        `score_correlation`: of predicted with true IoU.
    """
    values = {name: [run.ious[name] for run in runs] for name in MEASURES}
    return {
        "objects": len(runs),
        "iou": {name: _mean(each) for name, each in values.items()},
        "gain": {
            name: _mean([a - b for a, b in zip(values[one], values[other], strict=True)])
            for name, (one, other) in GAINS.items()
        },
        "picked_best": {
            name: mean(_is_best(run, index) for run in runs)
            for index, name in enumerate(("own", "gate_paper"))
        },
        "winners": _counts(run.winner or "none" for run in runs),
        "verdicts": {
            name: _counts(run.verdicts[name] for run in runs)
            for name in ("text", "gate_paper", "gate_wide")
        },
        "understood": mean(run.understood is not False for run in runs),
        "score_correlation": correlation(
            [score for run in runs for score in run.candidate_scores],
            [iou for run in runs for iou in run.candidate_ious],
        ),
    }


def _mean(values: Sequence[float]) -> dict[str, Any]:
    return {"mean": mean(values), "interval": list(bootstrap_interval(values))}


def _is_best(run: DualRun, index: int) -> bool:
    picked = run.picked[index]
    if picked is None or picked >= len(run.candidate_ious):
        return False
    return run.candidate_ious[picked] == max(run.candidate_ious)


def _counts(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
