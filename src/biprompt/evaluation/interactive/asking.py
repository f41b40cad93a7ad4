"""Ask a model about one object, and keep what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from biprompt.data.outlines import BoolMask
from biprompt.data.samples import InteractiveObject
from biprompt.evaluation.interactive.clicking import Clicking, Turn, turns
from biprompt.evaluation.model import Contender, check_answer
from biprompt.evaluation.published import Given
from biprompt.masks import bbox_xyxy
from biprompt.metrics import overlap, overlap_ious
from biprompt.prompts import Prompt
from biprompt.results import Segmentation

Ask: TypeAlias = Callable[[Prompt], Segmentation]


@dataclass(frozen=True, slots=True)
class ClickRun:
    """What one object gave.

    Attributes:
        key: of the object.
        label: what it is called, empty where nobody said.
        ious: IoU after each click; shorter than the limit where nothing was left to click on, none
            where nothing could be clicked from the start. One number where a box was told.
        first_ious: IoU of each candidate of the first click.
        first_scores: predicted IoU of each candidate of the first click.
        told: what the answers were made from, a value of `published.Given`.
    """

    key: str
    label: str
    ious: Sequence[float]
    first_ious: Sequence[float]
    first_scores: Sequence[float]
    told: str = Given.CLICKS.value


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """An object with its pixels.

    Attributes:
        key: of the object.
        label: what it is called, empty where nobody said.
        path: the photograph, for messages.
        truth: (H, W) bool.
        ignore: (H, W) bool, pixels that count nowhere and are never clicked, or None.
    """

    key: str
    label: str
    path: Path
    truth: BoolMask
    ignore: BoolMask | None

    @classmethod
    def of(cls, sample: InteractiveObject) -> Thing:
        """Decode the masks of a sample."""
        path, masks = sample.picture.path, (sample.mask(), sample.ignore_mask())
        return cls(sample.key, sample.label or "", path, *masks)

    @property
    def can_be_clicked(self) -> bool:
        """Whether it has a pixel that counts."""
        return bool((self.truth if self.ignore is None else self.truth & ~self.ignore).any())

    def iou(self, mask: BoolMask) -> float:
        """IoU of an answer, (H, W) bool."""
        return overlap(mask, self.truth, self.ignore).iou


def asking(contender: Contender, scene: Any, thing: Thing) -> Ask:
    """Return what answers prompts about an object.

    Args:
        contender: who is asked.
        scene: what it made of the photograph.
        thing: the object.

    Returns:
        A function that raises DataError where an answer has another size than the object's mask.
    """
    model, policy = contender.model, contender.policy
    return lambda prompt: check_answer(
        model.segment(scene, prompt=prompt, policy=policy), thing.truth, thing.path
    )


def click_turns(ask: Ask, thing: Thing, clicking: Clicking) -> Sequence[Turn]:
    """Return every answer of an object, see `turns`."""
    sampler = clicking.sampler_of(thing.key)
    return list(turns(ask, thing.truth, thing.ignore, sampler, clicking.limit))


def click_run(ask: Ask, thing: Thing, clicking: Clicking) -> ClickRun:
    """Click on an object, and return its record."""
    given = click_turns(ask, thing, clicking)
    offered = given[0].answer.card.candidates if given else ()
    return ClickRun(
        thing.key,
        thing.label,
        ious=[thing.iou(turn.answer.mask) for turn in given],
        first_ious=overlap_ious([each.mask for each in offered], thing.truth, thing.ignore),
        first_scores=[float(each.score) for each in offered],
    )


def box_run(ask: Ask, thing: Thing) -> ClickRun:
    """Ask with the tight box of an object, once, and return its record."""
    told = Given.BOX.value
    if not thing.can_be_clicked:
        return ClickRun(thing.key, thing.label, (), (), (), told)
    answer = ask(Prompt.build(box=bbox_xyxy(thing.truth)))
    return ClickRun(thing.key, thing.label, [thing.iou(answer.mask)], (), (), told)
