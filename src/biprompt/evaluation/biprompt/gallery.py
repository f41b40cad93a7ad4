"""Cases to look at: where the words helped the click most, where they hurt most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from biprompt.evaluation.biprompt.answers import place_points
from biprompt.evaluation.biprompt.asking import Asking, phrase
from biprompt.evaluation.biprompt.cases import Case
from biprompt.evaluation.biprompt.rows import MAIN
from biprompt.evaluation.biprompt.runs import DualRun
from biprompt.evaluation.model import Contender, click_prompt
from biprompt.evaluation.page import Gallery, Shot
from biprompt.evaluation.study import look, middle_and_ends
from biprompt.metrics import overlap
from biprompt.results import Segmentation

COUNT = 4
_TITLES = {
    "best": "Largest gain of the gate (pool=paper) over the click alone",
    "median": "Median",
    "worst": "Largest loss of the gate (pool=paper) against the click alone",
}


def cases_to_look_at(
    contender: Contender, cases: Sequence[Case], asking: Asking, runs: Sequence[DualRun]
) -> list[Gallery]:
    """Return the cases with the largest gain, the median and the largest loss of the gate.

    Each is shown twice: the click alone, and the click with the words.

    Args:
        contender: is asked once more.
        cases: everything that was asked about.
        asking: what was asked.
        runs: the records.
    """
    by_key = {case.key: case for case in cases}
    kept = [run for run in runs if run.joined is None and run.verdicts]
    found = middle_and_ends(kept, _gain, COUNT)
    return [
        Gallery(
            _TITLES[name],
            tuple(s for run in chosen for s in _shots(contender, by_key[run.key], asking)),
        )
        for name, chosen in found.items()
        if chosen
    ]


def _gain(run: DualRun) -> float:
    gate, click = run.overlap(MAIN, "gate_paper"), run.overlap(MAIN, "click_own")
    return gate.iou - click.iou if gate and click else 0.0


def _shots(contender: Contender, case: Case, asking: Asking) -> Iterator[Shot]:
    truth, ignore = case.sample.mask(), case.sample.ignore_mask()
    click = next(iter(place_points(case, truth, ignore, asking).values()))
    words = phrase(asking.templates[0], case.label)
    prompts = [click_prompt([click[:2]], [1]), click_prompt([click[:2]], [1], text=words)]
    scene, policy = look(contender, case.picture), replace(contender.policy, pool="paper")
    titles = ("click", f"click + “{words}”")
    for title, answer in zip(
        titles, contender.model.segment_many(scene, prompts, policy=policy), strict=True
    ):
        iou = overlap(answer.mask, truth, ignore).iou
        caption = (
            f"{case.key}, {title}: IoU {iou:.3f}, {answer.verdict.value}. {answer.card.reason}"
        )
        yield Shot(caption, _shown(answer, case), truth, (click,))


def _shown(answer: Segmentation, case: Case) -> Segmentation:
    """The answer with its photograph, which not every model keeps."""
    return answer if answer.image is not None else replace(answer, image=case.picture.load().pixels)
