"""The composition report as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.report import markdown_table, number, provenance, with_interval
from biprompt.metrics.composition import JOIN

_PROTOCOL = """\
Every set of prompts is given on the same objects, drawn from their masks: a click in the middle,
the tight box, the class name, a scribble along the object. The answer is the model's own pick;
masks are compared at the original resolution, outside ignored pixels. A set P of two or more
prompts composes well where its IoU is at least that of its best single prompt,
S(P) >= max S(p) (Promptable Image Segmentation survey, eq. 12); the gain is the difference. "helps"
and "hurts" mean that the 95 % bootstrap interval of the mean gain over objects, in brackets, lies
on one side of 0. Which single prompt is best is known only with the truth at hand: a user has to
choose one before."""


def to_markdown(report: Mapping[str, Any]) -> bytes:
    """Return the report as a Markdown page."""
    found, run = report["results"], report["run"]
    parts = [
        f"# Composition: `{run['model']['name']}` on {report['data']['name']}",
        provenance(run),
        _headline(found),
        _PROTOCOL,
        "## Sets of prompts",
        _sets(found),
        "## Single prompts",
        _singles(found),
    ]
    return ("\n\n".join(parts) + "\n").encode()


def _headline(found: Mapping[str, Any]) -> str:
    every, left_out = found["every"], found["left_out"]
    sizes = ", ".join(f"{size}: {_share(each)}" for size, each in found["by_size"].items())
    lines = [
        f"Several prompts are at least as good as the best one of them in {_share(every)} of the "
        f"cases, {found['objects']} objects with {len(found['sets'])} sets each; by the number of "
        f"prompts, {sizes}. The mean gain is {number(every['mean_gain'])}.",
    ]
    if left_out:
        lines.append(f"{left_out} objects have no pixel to point at and are left out.")
    return " ".join(lines)


def _share(counts: Mapping[str, Any]) -> str:
    return f"{number(100 * counts['holds'], 1)} %"


def _sets(found: Mapping[str, Any]) -> str:
    header = ["prompts", "S(P) >= max S(p)", "better", "equal", "worse", "mean gain", "", "IoU"]
    ordered = sorted(found["sets"].items(), key=_by_size_and_gain)
    return markdown_table(header, (_set(name, each, found) for name, each in ordered))


def _by_size_and_gain(item: tuple[str, Mapping[str, Any]]) -> tuple[int, float]:
    name, each = item
    return len(name.split(JOIN)), -each["gain"]["mean"]


def _set(name: str, each: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    counts = [str(each[kind]) for kind in ("better", "equal", "worse")]
    gained, iou = each["gain"], found["iou"][name]
    return [
        name.replace(JOIN, " + "),
        _share(each),
        *counts,
        with_interval(gained["mean"], gained["interval"]),
        each["effect"],
        with_interval(iou["mean"], iou["interval"]),
    ]


def _singles(found: Mapping[str, Any]) -> str:
    rows = (
        [name, with_interval(each["mean"], each["interval"])]
        for name, each in found["iou"].items()
        if JOIN not in name
    )
    return markdown_table(["prompt", "mean IoU"], rows)
