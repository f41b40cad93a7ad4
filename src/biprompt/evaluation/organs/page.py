"""The organs report for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.evaluation.organs.beside import beside
from biprompt.evaluation.organs.questions import FUNCTION, Told
from biprompt.evaluation.organs.tables import (
    confusion_table,
    dice_chart,
    known,
    numbers_table,
    organs_table,
)
from biprompt.evaluation.page import Block, Bullets, Heading, Page, Text
from biprompt.evaluation.page.numbers import provenance

_SLICES = """\
Every {every}axial slice{pixels} is an image: CT values from {low:g} to {high:g} Hounsfield units
from black to white, seen as radiologists do. Masks are compared at the resolution of the slice."""
_TOLD = {
    Told.QUESTION: "Each slice is asked for every organ, whether it shows it or not; the model is "
    "told nothing but the words.",
    Told.CLICK: "The model is told one click in the middle of the organ, taken from the truth, so "
    "that only organs that are there can be asked for.",
    Told.BOX: "The model is told the tight box round the organ, taken from the truth, so that only "
    "organs that are there can be asked for.",
}
_METRICS = """\
Dice of an organ is the mean over the slices that show it, and "Dice" the mean over organs, each
weighing the same. A refusal, that is a presence below the model's threshold or an empty mask,
counts as an empty mask; "no refusals" takes every mask whatever the presence. "All slices" counts
slices without the organ as well: 1 for a refusal, 0 for any mask. "Of volumes" puts the slices of a
volume together before anything is divided, and is the mean over volumes that show the organ. N-acc
is the share of absent organs that are refused (false premises), T-acc the share of present ones
that are not. What was answered is read off the mask: nothing where it is refused, else the organ
that it is most like, by Dice, of all organs on the slice, whichever was asked for; an answer is
right where that is the organ asked for ("recognised", of the slices that show it), or a refusal
where it is not there. In brackets are 95 % bootstrap intervals over volumes, whose slices stay
together; one volume has none."""


def organs_page(report: Mapping[str, Any]) -> Page:
    """Return the report for a person; `report` as `Study.page` takes it."""
    results, settings = report["results"], report["settings"]
    name, found = next(iter(results.items()))
    blocks: tuple[Block, ...] = (
        provenance(report["run"]),
        Text(_headline(name, found)),
        *_protocol(settings, found),
        Heading("Everybody"),
        numbers_table(results),
        Heading("By organ"),
        dice_chart(results),
        organs_table(found),
        Heading("What was answered"),
        confusion_table(found),
        Heading("Published rows"),
        *beside(report),
    )
    return Page(f"Organs in CT: `{name}` on {report['data']['name']}", blocks)


def _headline(name: str, found: Mapping[str, Any]) -> str:
    text = (
        f"`{name}` reaches a mean Dice of {known(found['dice'])} on slices that show the organ, "
        f"over {found['slices']} slices of {found['volumes']} volumes"
    )
    if not found["absent"]:
        return f"{text}."
    shares = (known(found[key], 1, 100) for key in ("refused", "n_acc", "t_acc"))
    refused, n_acc, t_acc = shares
    return (
        f"{text}; it refuses {refused} % of {found['questions']} questions: {n_acc} % of those for "
        f"what is not there (N-acc), and keeps {t_acc} % of the others (T-acc)."
    )


def _protocol(settings: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Block]:
    every = "" if settings["every"] == 1 else f"{settings['every']}th "
    pixels = settings["pixels"]
    limited = f" with {pixels} pixels or more of some organ" if pixels else ""
    low, high = settings["window"]
    slices = _SLICES.format(every=every, pixels=limited, low=low, high=high)
    yield Text(f"{slices} {_TOLD[Told(settings['told'])]}")
    if settings["told"] == Told.QUESTION:
        yield from _wording(settings)
    yield Text(_METRICS)
    if found["not_understood"]:
        yield Text(
            f"In {found['not_understood']} of {found['questions']} questions the model knows no "
            "word that names a thing; its answer is empty."
        )


def _wording(settings: Mapping[str, Any]) -> Iterator[Block]:
    if settings["question"] == FUNCTION:
        yield Text(
            "The questions are those that Organ-Seg prints; they do not tell the kidneys apart, so "
            "that both are meant, and the last one is a false premise on every slice:"
        )
        yield Bullets(tuple(f"{name}: “{said}”" for name, said in settings["questions"].items()))
    else:
        name, said = next(iter(settings["questions"].items()))
        yield Text(f"Organs are asked for by name; the {name}, for instance, as “{said}”.")
