"""The referring report for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.data.phrases import SEMANTIC
from biprompt.evaluation.page import Block, Heading, Page, Text
from biprompt.evaluation.page.numbers import number, provenance
from biprompt.evaluation.referring.baselines import AXES
from biprompt.evaluation.referring.beside import beside
from biprompt.evaluation.referring.questions import Reading
from biprompt.evaluation.referring.tables import (
    by_split,
    kinds,
    per_cent,
    precision_chart,
    refusals,
    robust,
)

Found = Mapping[str, Any]

_READINGS = {
    Reading.SENTENCES: "Each sentence is a question of its own, in lower case.",
    Reading.CLASSES: "Each class {scope} is a question; the target is all of the class in the "
    "image together{background}. It is asked {said}.",
    Reading.THINGS: "Each labelled thing is a question, asked by its label alone; the target is "
    "that one thing, even where the image shows several of the name.",
}
_BACKGROUND = ("pascal-voc", "pascal-context")
_PRESENT = """\
Everything that is asked is there, so refusals do not count: the mask is taken whatever the presence
score says, as from the models of the published rows, which cannot refuse."""
_ABSENT = """\
Some of what is asked is not there, and a refusal is an empty mask (GRES, Liu et al. 2023): where
nothing is meant its IoU is 1, elsewhere 0. N-acc is the share refused of the questions without a
target, T-acc the share answered of those with one; mIoU and P@X are over those with one, as the
evaluation of ReLA has them."""
_METRICS = """\
The answer is where the model's own map is above 0, resized to the original resolution and compared
there, outside ignored pixels. cIoU, also called oIoU, is the sum of all intersections over the sum
of all unions (survey, eq. 18); gIoU is the mean IoU over questions, where an empty union counts 1
(eq. 20, and eq. 17 where nothing is absent: the papers say "over images", the code behind their
numbers counts sentences); P@X is the share of questions with an IoU of X or more (eq. 19). PointM
is the share of targets that hold the model's surest pixel (eq. 21): the middle of the cell with the
highest value in its own map, at the resolution of that map, the first among equals; whoever gives
no such map points at the deepest pixel of the mask, and an empty answer is a miss. Numbers are per
cent; in brackets are 95 % bootstrap intervals over images, whose questions stay together."""
_BASELINES = f"""\
Beside the model, who looks at nothing: the whole image, and an ellipse in its middle with axes
{AXES:g} of its sides."""
_FOLDER = """\
What the folder does not outline counts as not meant: where it leaves things of a label out, these
numbers are too low."""

_SHOWN = """\
That is no mIoU of semantic segmentation: who is asked only for what is there makes no mistake
elsewhere."""
_EVERY = """\
The first is the mIoU of semantic segmentation, but that the masks of several classes may lie on
one another."""


def referring_page(report: Mapping[str, Any]) -> Page:
    """Return the report for a person; `report` as `Study.page` takes it."""
    results, settings = report["results"], report["settings"]
    name, found = next(iter(results.items()))
    blocks: tuple[Block, ...] = (
        provenance(report["run"]),
        Text(_headline(name, found)),
        *(Text(line) for line in _protocol(found, settings)),
        *(Text(line) for line in _notes(found, settings)),
        Heading("By split"),
        by_split(results),
        Text(_BASELINES),
        precision_chart(results),
        Heading("Refusals"),
        *refusals(found),
        *robust(found),
        *kinds(results),
        Heading("Published rows"),
        *beside(report),
    )
    return Page(f"Referring segmentation: `{name}` on {report['data']['name']}", blocks)


def _headline(name: str, found: Found) -> str:
    splits = found["splits"]
    parts = (
        f"{f'{split}: ' if len(splits) > 1 else ''}{_numbers(each, found['counted'])}"
        for split, each in splits.items()
    )
    return f"`{name}` over {found['questions']} questions, in per cent: {'; '.join(parts)}."


def _numbers(each: Found, counted: str) -> str:
    masks = each[counted]
    named = {"cIoU": masks["ciou"], "gIoU": masks["giou"]}
    if counted == "refusing":
        named |= {"N-acc": each["n_acc"], "T-acc": each["t_acc"]}
    return ", ".join(f"{name} {per_cent(entry)}" for name, entry in named.items())


def _protocol(found: Found, settings: Mapping[str, Any]) -> Iterator[str]:
    scope = "of the set, in the image or not," if settings["every_class"] else "in the image"
    background = "; background is never asked" if settings["dataset"] in _BACKGROUND else ""
    said = "by its plain name, as the model does not know the prefix `[semantic]`"
    if settings["template"] == SEMANTIC:
        said = "as `[semantic] name`, as the model knows that prefix"
    asked = _READINGS[Reading(settings["reading"])]
    yield asked.format(scope=scope, background=background, said=said)
    yield _ABSENT if found["counted"] == "refusing" else _PRESENT
    yield _METRICS


def _notes(found: Found, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a reader should know of these data and this run."""
    if settings["dataset"] == "coco-folder":
        yield _FOLDER
    if found["left_out"]:
        yield (
            f"{found['left_out']} questions are left out: the data name a class that has no pixel "
            "in the image."
        )
    if found["unread"]:
        yield (
            f"{found['unread']} questions cannot be asked, as they hold no word or more than the "
            "model takes; each counts as an empty answer."
        )
    if found["not_understood"]:
        yield (
            f"In {found['not_understood']} questions the model knows no word that names a thing; "
            "its answer is empty."
        )
    if found["kinds"].get("class"):
        both = (number(100 * found["class_mean"][name], 1) for name in ("ciou", "giou"))
        averaged = "Averaged over classes, each over all of its questions: cIoU {}, gIoU {}."
        yield f"{averaged.format(*both)} {_EVERY if settings['every_class'] else _SHOWN}"
