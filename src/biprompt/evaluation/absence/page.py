"""The absence report for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.data.readers.registry import Kind
from biprompt.evaluation.absence.charts import curve_chart, names_chart, thresholds_chart
from biprompt.evaluation.absence.tables import (
    masks_table,
    names_table,
    numbers_table,
    thresholds_table,
    words_table,
)
from biprompt.evaluation.absence.worst import WORST, worst_names
from biprompt.evaluation.page import Block, Heading, Page, Text
from biprompt.evaluation.page.numbers import number, provenance
from biprompt.evaluation.published import Given
from biprompt.evaluation.published.blocks import published_blocks

_CLASSES = """\
Every photograph is asked for every name of the set, one by one and without a click, whether it is
there or not (R-SIS: Choi and Park 2024). A name is there where a pixel of it is labelled, crowd
regions included; **what nobody labelled counts as absent**, so a set has to be labelled in full."""

_SENTENCES = """\
Every photograph is asked with every sentence of the set that was written for it, those that mean
something in it and those that mean nothing, one by one and without a click."""

_COUNTS = """\
N-acc is the share of the absent that the model called absent, T-acc the share of the present that
it did not, whatever its mask; both by the model's own verdict{verdict}. MCC is the Matthews
correlation of verdict and truth. Brackets hold the 95 % bootstrap interval over photographs: the
names of one photograph are drawn together."""

_THRESHOLDS = """\
What to set as the presence threshold, for the share of present things that one wants to keep (the
rest is refused wrongly): the highest that keeps so much here, as the number of fewest decimals that
decides the same; "balanced" has the highest mean of both accuracies. The brackets behind a
threshold say where it falls when photographs are drawn anew and it is chosen again, those behind an
accuracy what this very threshold gives on them. "Elsewhere" is what it gives on photographs that
took no part in choosing it: chosen on four fifths, counted on the last, five times. An answer is
also a refusal where its mask is empty or no word of the name is known; a threshold alone does not
see that."""

_NO_SCORE = """\
The model gives no presence score. There is no curve then, nothing that a user could set, and no
AUROC: N-acc and T-acc are those of its verdict alone, which is "absent" only where its mask is
empty."""

_MASKS = """\
Masks at the original resolution, refused ones empty. gIoU and cIoU are over all questions, an empty
union counts 1 (Promptable Image Segmentation survey, eq. 20 and section 18). mIoU is over what is
there. mRR is the share refused of what is absent, rIoU the intersections over the unions of
everything asked of a reference, where a mask of what is absent is all union (R-RIS: Wu et al.
2022){reference}."""

_FRAMES = """\
Ch_IoU, ISI_IoU and mcIoU are the scores of surgical frames (Gonzalez et al. 2020, which R-SIS
keeps): the mean IoU of a photograph's classes, of the labelled ones, and of those labelled or
answered, where a mask of what is absent counts 0; and the latter class by class. Those papers give
a pixel to one class, here the masks of two names may overlap."""

_UNDERSTOOD = """\
A name no word of which means anything to the model is refused without looking. Whether it does
hangs on the words alone, so one photograph was asked."""


def absence_page(report: Mapping[str, Any]) -> Page:
    """Return the report for a person; `report` as `Study.page` takes it."""
    name, found = next(iter(report["results"].items()))
    settings = report["settings"]
    blocks: list[Block] = [provenance(report["run"]), Text(_headline(found, settings))]
    blocks += [Text(_protocol(found, settings)), numbers_table(report["results"])]
    blocks += [Heading("Which threshold to set"), *_operating(found, settings)]
    blocks += [Heading("Masks"), Text(_masks(settings)), masks_table(report["results"])]
    if worst_names(found["names"]):
        blocks += [Heading("Names"), Text(WORST), names_chart(found["names"])]
        blocks.append(names_table(found["names"]))
    if found["understood"]:
        blocks += [Heading("Words"), Text(_flowing(_UNDERSTOOD)), words_table(found["understood"])]
    published = published_blocks("absence", {_given(settings)})
    if published:
        blocks += [Heading("Published"), *published]
    return Page(f"Absence: `{name}` on {report['data']['name']}", tuple(blocks))


def _given(settings: Mapping[str, Any]) -> Given:
    return Given.TEXT if settings["kind"] == Kind.REFERRING else Given.NAME


def _headline(found: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    refused, kept = (_percent(found[key]["mean"]) for key in ("n_acc", "t_acc"))
    lines = [
        f"Of {found['absent']} questions for what is not there the model refuses {refused}, of "
        f"{found['present']} for what is there it answers {kept}, on {found['photographs']} "
        "photographs."
    ]
    if found["thresholds"]:
        promise = found["thresholds"]["0.95"]
        lines.append(
            f"AUROC {number(found['auroc']['mean'])}. Whoever wants to lose no more than 5 % of "
            f"what is there sets the threshold to **{promise['presence']:g}** and refuses "
            f"{_percent(promise['n_acc']['mean'])} of what is not."
        )
    return " ".join(lines)


def _percent(share: float) -> str:
    return f"{number(100 * share, 1)} %"


def _protocol(found: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    parts = [_SENTENCES if settings["kind"] == Kind.REFERRING else _CLASSES]
    if settings["validation_only"]:
        parts.append(
            "The folder may be trained on: only the photographs that are kept out of training, "
            "about 15 %, told by a rule on their file names (`biprompt.data.splits`), are asked; "
            "`--all` asks the others as well."
        )
    if settings["template"] != "{}":
        parts.append(f"A name is asked as `{settings['template']}`.")
    told = ""
    if found["thresholds"]:
        told = f", at its presence threshold of {settings['presence_threshold']:g}"
    parts.append(_COUNTS.format(verdict=told))
    if 0 < found["without_score"] < found["present"] + found["absent"]:
        parts.append(
            f"{found['without_score']} answers have no presence score and no part in the curve."
        )
    return _flowing(" ".join(parts))


def _operating(found: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Block]:
    if found["thresholds"]:
        return [
            Text(_flowing(_THRESHOLDS)),
            thresholds_table(found["thresholds"]),
            curve_chart(found),
            thresholds_chart(found, settings["presence_threshold"]),
        ]
    if not found["present"] or not found["absent"]:
        what = "absent" if found["present"] else "present"
        return [Text(f"Nothing that was asked is {what}, so there is no threshold to choose.")]
    return [Text(_flowing(_NO_SCORE))]


def _masks(settings: Mapping[str, Any]) -> str:
    sentences = settings["kind"] == Kind.REFERRING
    reference = "" if sentences else "; here a photograph with all its names is one reference"
    told = _MASKS.format(reference=reference)
    return _flowing(told if sentences else f"{told} {_FRAMES}")


def _flowing(text: str) -> str:
    return " ".join(text.split())
