"""The BiPrompt report for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.data.readers.registry import Kind, find_reader
from biprompt.evaluation.biprompt.frames_page import frames_blocks
from biprompt.evaluation.biprompt.grid import weights_blocks
from biprompt.evaluation.biprompt.ours import ENDOVIS, PAPER, our_rows
from biprompt.evaluation.biprompt.points import POINTS
from biprompt.evaluation.biprompt.tables import (
    answers_blocks,
    choices,
    estimated,
    gains_table,
    percent,
    points_blocks,
    templates_blocks,
)
from biprompt.evaluation.page import Block, Bullets, Heading, Page, Text
from biprompt.evaluation.page.numbers import number, provenance
from biprompt.evaluation.published import Given, find_table
from biprompt.evaluation.published.blocks import published_blocks, table_blocks

_PROTOCOL = """\
Every object is asked about three ways: one click alone, words alone, and both through the gate, \
which takes that of the click's three candidates which is most like what the words outline \
(BiPrompt-SAM, eqs. 1 to 5; pool=paper), or one of a wider pool with candidates that click and \
words make together (pool=wide, ours), or of what each says alone as well (pool=parts, ours: the \
candidate with the highest expected IoU). Where words and click disagree, the click decides. Masks \
are compared at the original resolution, outside ignored pixels. "Best" candidates are chosen by \
the truth: no gate can do better. Brackets hold the 95 % bootstrap interval over {units}; \
differences are paired. The main point is `{point}`, the main words are `{words}`."""

_ONE_OF_SEVERAL = """\
Words name every object of a kind, and here they are compared with one: they are judged too low \
wherever an image has several."""

_WEIGHTS = """\
Score = w1 * presence + w2 * predicted IoU + w3 * similarity (eq. 8), over weights that add up to \
1, computed from the candidates of the same answers. The presence is the same for every candidate, \
so w1 moves the score and never the choice; with w1 alone the highest predicted IoU decides. The \
paper found w1 = w2 = 0 best."""


def biprompt_page(report: Mapping[str, Any]) -> Page:
    """Return the report for a person; `report` as `Study.page` takes it."""
    name = next(iter(report["results"]))
    return Page(f"BiPrompt: `{name}` on {report['data']['name']}", tuple(_blocks(report)))


def _blocks(report: Mapping[str, Any]) -> Iterator[Block]:
    (_, found), *others = report["results"].items()
    yield provenance(report["run"])
    if found["objects"]:
        yield Text(_headline(found))
        yield Text(_protocol(report))
        yield from _measured(found, dict(others), report["settings"]["dataset"])
    else:
        yield Text("Nothing in these data can be pointed at.")
    yield from _published(report)


def _measured(found: Mapping[str, Any], others: Mapping[str, Any], dataset: str) -> Iterator[Block]:
    yield Heading("One click, words, and both")
    yield from answers_blocks(found, others)
    yield gains_table(found)
    yield choices(found)
    if "frames" in found:
        yield from frames_blocks(found["frames"], dataset)
    yield Heading("Where the single point comes from")
    yield Bullets(tuple(f"{source}: {POINTS[source]}" for source in found["points"]))
    yield from points_blocks(found["points"])
    yield Heading("The words")
    yield from templates_blocks(found["templates"])
    yield Heading("The joint score")
    yield Text(_WEIGHTS)
    yield from weights_blocks(found["weights"])


def _parts(iou: Mapping[str, Any]) -> str:
    if "gate_parts" not in iou:
        return "the pool of parts was not asked"
    return f"{number(iou['gate_parts']['mean'])} by expected IoU over the pool of parts"


def _headline(found: Mapping[str, Any]) -> str:
    iou, gain, best = found["iou"], found["gain"], found["picked_best"]
    lines = [
        f"Mean IoU of {found['objects']} objects: {number(iou['click_own']['mean'])} for a click "
        f"alone, {number(iou['text']['mean'])} for words alone, "
        f"{number(iou['gate_paper']['mean'])} for both through the paper's gate and "
        f"{number(iou['gate_wide']['mean'])} through the wide one, where the best candidates would "
        f"give {number(iou['oracle']['mean'])}; {_parts(iou)}. The words change the click's "
        f"answer by {estimated(gain['gate_paper - click_own'])} (pool=paper) and "
        f"{estimated(gain['gate_wide - click_own'])} (pool=wide); the paper's gate takes the best "
        f"of the click's candidates in {percent(best['gate_paper'])} of the cases, the click's "
        f"own pick in {percent(best['own'])}.",
    ]
    if found["left_out"]:
        lines.append(f"{found['left_out']} without a pixel to point at are left out.")
    return " ".join(lines)


def _protocol(report: Mapping[str, Any]) -> str:
    settings = report["settings"]
    referring = _is_referring(settings["dataset"])
    text = _PROTOCOL.format(
        units="sentences" if referring else "objects",
        point=settings["points"][0],
        words=settings["templates"][0],
    )
    return text if referring else f"{text} {_ONE_OF_SEVERAL}"


def _published(report: Mapping[str, Any]) -> Iterator[Block]:
    dataset, ours = report["settings"]["dataset"], our_rows(report)
    yield Heading("The paper's tables")
    if dataset != ENDOVIS and not _is_referring(dataset):
        yield Text(
            f"The paper's Tables 1, 2 and 4 are of EndoVis17, ours below them of "
            f"{report['data']['name']}: compare how the rows of each lie to one another, not their "
            "heights."
        )
    yield from published_blocks("biprompt", {Given.CLICK, Given.NAME}, ours=ours)
    table, given = find_table(PAPER, "Table 3"), {Given.CLICK, Given.TEXT}
    yield from table_blocks(table, given, ours=ours.get((PAPER, "Table 3"), ()))


def _is_referring(dataset: str) -> bool:
    return find_reader(dataset).kind is Kind.REFERRING
