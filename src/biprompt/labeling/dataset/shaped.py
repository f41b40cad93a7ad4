"""One image of the data set: its objects after the rules, or as people corrected them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biprompt.io.formats.objects import LabelledImage, LabelledMask
from biprompt.labeling.corrections import CORRECTED, Objects
from biprompt.labeling.dataset.classes import Classes
from biprompt.labeling.rules import Answer, Rules, apply_rules

Record = Mapping[str, Any]
"""The values of a line, as `decode_line` returns them."""


@dataclass(frozen=True, slots=True, eq=False)
class Shaped:
    """One image with answers.

    Attributes:
        number: of its item.
        stem: what files made of it are called.
        source: where it is.
        answers: its objects; of corrected ones only `label`, `verdict` and `id` are told.
        image: the same, as formats are written from it.
    """

    number: int
    stem: str
    source: str
    answers: Sequence[Answer]
    image: LabelledImage


def shape(record: Record, corrected: Objects | None, rules: Rules, classes: Classes) -> Shaped:
    """Apply the rules to the answers of a record, unless a person said what the image shows."""
    hw = (record["height"], record["width"])
    answers = apply_rules(record["objects"], rules) if corrected is None else _by_hand(corrected)
    things = tuple(
        LabelledMask(
            answer["label"],
            answer["mask"],
            colour=classes.colour(answer["label"]),
            score=answer.get("score"),
        )
        for answer in answers
    )
    image = LabelledImage(record["image"], hw, things)
    return Shaped(record["item"], record["stem"], record["source"], answers, image)


def _by_hand(objects: Objects) -> list[Answer]:
    return [
        {**thing, "id": str(number), "verdict": CORRECTED}
        for number, thing in enumerate(objects, start=1)
    ]
