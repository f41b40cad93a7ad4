"""The interactive report for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.evaluation.baselines import GRABCUT
from biprompt.evaluation.interactive.beside import published
from biprompt.evaluation.interactive.clicking import JITTERED
from biprompt.evaluation.interactive.tables import (
    By,
    Found,
    box_table,
    count_chart,
    count_table,
    curve_chart,
    first_table,
    iou_table,
    told,
    wait_table,
)
from biprompt.evaluation.page import Block, Heading, Page, Text
from biprompt.evaluation.page.numbers import number, provenance, with_interval

_PROTOCOL = """\
Clicks are simulated. {where} All clicks so far and the last answer are handed to the model, which
looks at a photograph once; its own pick is the answer. {limit} clicks are given at most. IoU is
measured at the original resolution, outside ignored pixels, which are not clicked either. NoC@q is
the number of clicks after which the IoU is q % for the first time; an object that never gets there
counts {limit}, and NoF@q is how many those are. An object ends early only when no wrong pixel is
left to click on, and keeps its last IoU. Brackets hold the 95 % bootstrap interval over objects."""

_CENTRE = """\
The first click lies in the middle of the object, each later one in the middle of the largest error
of the answer so far: the pixel farthest from what is right, Euclidean distance."""

_JITTERED = """\
The first click lies near the middle of the object, each later one near the middle of the largest
error of the answer so far (the pixel farthest from what is right, Euclidean distance), as imprecise
as people are: scattered by a third of that distance, seed {seed}."""

_FIRST = """\
A click is answered with several candidates. "Own pick" is the one that the model shows, "best" the
one that the truth would choose; the correlation is that of predicted with true IoU, over all
candidates."""

_TOLD = "Measured in the same run, by what everybody is told:"

_BOX = (
    "The tight box of the true mask is told, and answered once: no number of clicks belongs to it."
)

_NO_BOX = f"""\
{GRABCUT}: not measured, as OpenCV is not installed here (`pip install opencv-python-headless`)."""

_WAIT = """\
Medians over {objects} objects of this set on this machine, each on a photograph of its own; a look
is at a photograph in memory, and finding where to click next does not count."""


def interactive_page(report: Mapping[str, Any]) -> Page:
    """Return the report for a person; `report` as `Study.page` takes it."""
    results: By = report["results"]
    name, found = next(iter(results.items()))
    blocks = (
        provenance(report["run"]),
        Text(_headline(found)),
        Text(_protocol(report["settings"])),
        *(Text(_TOLD), told(results)),
        *_measured(results),
        *_waiting(report["run"]["timing"]),
        Heading("Published"),
        *published(report),
    )
    return Page(f"Clicks: `{name}` on {report['data']['name']}", blocks)


def _headline(found: Found) -> str:
    """The main numbers, and who was left out."""
    after = ", ".join(f"{number(each['mean'])} after {k}" for k, each in found["iou"].items())
    lines = [f"Mean IoU by clicks: {after}, over {found['objects']} objects."]
    if found["noc"]:
        each = found["noc"]["90"]
        count = with_interval(each["mean"], each["interval"], 2)
        failing = f"NoF@90 is {each['failures']} of {found['objects']} objects"
        lines.insert(0, f"**NoC@90 is {count}**, {failing}.")
    if found["left_out"]:
        lines.append(f"{found['left_out']} objects have no pixel to click on and are left out.")
    return " ".join(lines)


def _protocol(settings: Mapping[str, Any]) -> str:
    is_jittered = settings["clicks"] == JITTERED
    where = _JITTERED.format(seed=settings["seed"]) if is_jittered else _CENTRE
    return _PROTOCOL.format(where=where, limit=settings["max_clicks"])


def _measured(results: By) -> Iterator[Block]:
    clicked = {name: found for name, found in results.items() if "curve" in found}
    boxed = {name: found for name, found in results.items() if "reached" in found}
    if next(iter(clicked.values()))["noc"]:
        yield Heading("Clicks to reach an IoU")
        yield from (count_table(clicked), count_chart(clicked))
    yield Heading("IoU after k clicks")
    yield from (iou_table(clicked), curve_chart(clicked, boxed))
    yield Text(_BOX if boxed else _NO_BOX)
    if boxed:
        yield box_table(boxed)
    yield Heading("The first click")
    yield from (Text(_FIRST), first_table(clicked))


def _waiting(timing: Mapping[str, float]) -> Iterator[Block]:
    if timing:
        yield Heading("Seconds")
        yield Text(_WAIT.format(objects=timing["timed_objects"]))
        yield wait_table(timing)
