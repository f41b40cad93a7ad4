"""The few-shot report for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.evaluation.few_shot.asking import Told
from biprompt.evaluation.few_shot.beside import beside
from biprompt.evaluation.few_shot.tables import class_chart, class_table, folds_table, said
from biprompt.evaluation.page import Block, Heading, Page, Text
from biprompt.evaluation.page.numbers import number, provenance
from biprompt.evaluation.referring.tables import per_cent

_TOLD = {
    Told.EXAMPLES: "An episode shows the model the class in other images, with its mask, and asks "
    "where it is in the query; the examples are drawn with seed {seed}, no image twice and never "
    "the query's.",
    Told.NAME: "**No example is shown.** The model is told the name of the class, as “{example}”, "
    "which is another task than that of few-shot methods: it knows from its training what the name "
    "means, or it does not.",
}
_METRICS = """\
The class is always in the query, so refusals do not count: the mask is taken whatever the presence.
Masks are compared at the original resolution, outside ignored pixels. The pixels of all queries of
a class are counted before anything is divided; mIoU is the mean IoU over the classes of a fold,
FB-IoU the mean of the IoU of all queries' foreground and of their background; over folds both are
averaged. In brackets are 95 % bootstrap intervals over the images of queries. Numbers are per
cent."""
_OWN_FOLDER = """\
Every image of every class is a query once, and other images of the same folder show the class; of a
class with fewer other images than an episode wants, all of them. A class is what the folder records
of it: where it records one instance of several, an answer that finds them all is judged too low."""
_BASELINES = {
    Told.EXAMPLES: "Beside the model, who does not look: the examples' mask stretched over the "
    "query, at its place or with its box moved to the middle (of several, where half of them or "
    "more have it), and the whole image.",
    Told.NAME: "Beside the model, who does not look: all of the image, and an ellipse in it.",
}


def few_shot_page(report: Mapping[str, Any]) -> Page:
    """Return the report for a person; `report` as `Study.page` takes it."""
    results, settings = report["results"], report["settings"]
    name, found = next(iter(results.items()))
    told = Told(settings["told"])
    blocks: tuple[Block, ...] = (
        provenance(report["run"]),
        Text(_headline(name, found)),
        *(Text(line) for line in _protocol(settings, found)),
        Heading("By fold"),
        folds_table(results),
        Text(_BASELINES[told]),
        Heading("By class"),
        class_chart(found),
        class_table(found),
        Heading("Published rows"),
        *beside(report),
    )
    return Page(f"Few-shot segmentation: `{name}` on {report['data']['name']}", blocks)


def _headline(name: str, found: Mapping[str, Any]) -> str:
    parts = (
        f"{said(shots)} mIoU {per_cent(each['mean']['miou'])}, FB-IoU "
        f"{per_cent(each['mean']['fb_iou'])}"
        for shots, each in found["shots"].items()
    )
    return f"`{name}` over {found['episodes']} episodes, in per cent: {'; '.join(parts)}."


def _protocol(settings: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    first = next(iter(next(iter(found["shots"].values()))["classes"]), "/thing").split("/", 1)[1]
    example = settings["template"].replace("{}", first.lower())
    yield _TOLD[Told(settings["told"])].format(seed=settings["seed"], example=example)
    yield _METRICS
    if settings["dataset"] == "coco-folder-episodes":
        yield _OWN_FOLDER
    if found["refused"] > 0:
        share = number(100 * found["refused"], 1)
        yield f"Left to itself the model would have refused {share} % of the episodes."
    if found["not_understood"]:
        yield (
            f"In {found['not_understood']} episodes the name means nothing to the model; its "
            "answer is empty."
        )
