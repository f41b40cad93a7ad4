"""The composition report for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.page import Block, Chart, Heading, Page, Series, Table, Text
from biprompt.evaluation.page.numbers import number, provenance, with_interval
from biprompt.metrics.composition import JOIN

NEARLY = 0.01
"""Loss of IoU up to which several prompts count as nearly as good as the best one of them."""

_PROTOCOL = """\
Every set of prompts is given on the same objects, drawn from their masks: a click in the middle,
the tight box, the class name, a scribble along the object. The answer is the model's own pick;
masks are compared at the original resolution, outside ignored pixels. A set P of two or more
prompts composes well where its IoU is at least that of its best single prompt,
S(P) >= max S(p) (Promptable Image Segmentation survey, eq. 12); the gain is the difference. "helps"
and "hurts" mean that the 95 % bootstrap interval of the mean gain over objects, in brackets, lies
on one side of 0. Which single prompt is best is known only with the truth at hand: a user has to
choose one before."""


def composition_page(report: Mapping[str, Any]) -> Page:
    """Return the report for a person; `report` as `Study.page` takes it."""
    run = report["run"]
    name, found = next(iter(report["results"].items()))
    blocks: tuple[Block, ...] = (
        provenance(run),
        Text(_headline(found)),
        Text(_PROTOCOL),
        Heading("Sets of prompts"),
        _sets(found),
        _gains(found),
        Heading("Single prompts"),
        _singles(found),
    )
    return Page(f"Composition: `{name}` on {report['data']['name']}", blocks)


def _headline(found: Mapping[str, Any]) -> str:
    every, left_out = found["every"], found["left_out"]
    sizes = ", ".join(f"{size}: {_share(each)}" for size, each in found["by_size"].items())
    lines = [
        f"Several prompts are at least as good as the best one of them in {_share(every)} of the "
        f"cases, {found['objects']} objects with {len(found['sets'])} sets each; by the number of "
        f"prompts, {sizes}. The mean gain is {number(every['mean_gain'])}; "
        f"{number(100 * found['nearly'], 1)} % lose no more than {NEARLY}.",
    ]
    if left_out:
        lines.append(f"{left_out} objects have no pixel to point at and are left out.")
    return " ".join(lines)


def _share(counts: Mapping[str, Any]) -> str:
    return f"{number(100 * counts['holds'], 1)} %"


def _sets(found: Mapping[str, Any]) -> Table:
    header = ("prompts", "S(P) >= max S(p)", "better", "equal", "worse", "mean gain", "", "IoU")
    return Table(header, tuple(_set(name, each, found) for name, each in _ordered(found)))


def _ordered(found: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return sorted(
        found["sets"].items(), key=lambda item: (len(item[0].split(JOIN)), -item[1]["gain"]["mean"])
    )


def _gains(found: Mapping[str, Any]) -> Chart:
    sets = _ordered(found)
    gains = [each["gain"] for _, each in sets]
    series = Series(
        "mean gain",
        x=tuple(name.replace(JOIN, " + ") for name, _ in sets),
        y=tuple(gain["mean"] for gain in gains),
        low=tuple(gain["interval"][0] for gain in gains),
        high=tuple(gain["interval"][1] for gain in gains),
    )
    title = "What several prompts gain on the best one of them"
    return Chart(title, "prompts", "mean gain in IoU", (series,), kind="bar", y_range=None)


def _set(name: str, each: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    gained, iou = each["gain"], found["iou"][name]
    return (
        name.replace(JOIN, " + "),
        _share(each),
        *(str(each[kind]) for kind in ("better", "equal", "worse")),
        with_interval(gained["mean"], gained["interval"]),
        each["effect"],
        with_interval(iou["mean"], iou["interval"]),
    )


def _singles(found: Mapping[str, Any]) -> Table:
    rows = (
        (name, with_interval(each["mean"], each["interval"]))
        for name, each in found["iou"].items()
        if JOIN not in name
    )
    return Table(("prompt", "mean IoU"), tuple(rows))
