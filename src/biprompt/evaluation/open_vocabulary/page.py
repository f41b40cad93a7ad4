"""The open-vocabulary report for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.evaluation.open_vocabulary.beside import beside
from biprompt.evaluation.open_vocabulary.record import VARIANTS
from biprompt.evaluation.open_vocabulary.tables import (
    class_chart,
    class_table,
    confused_table,
    numbers_table,
    variants_table,
)
from biprompt.evaluation.page import Block, Heading, Page, Text
from biprompt.evaluation.page.numbers import number, provenance
from biprompt.evaluation.referring.tables import per_cent

_MAP = """\
Every photograph is asked for each of the {count} classes of the set by its name, there or not, as
“{example}”; the background is never asked for. The masks become one label map: a pixel that several
claim goes to the one whose map, times a power of its presence (of its predicted IoU where a model
gives none), is greatest there; a class whose presence is below {threshold} claims nothing, and what
nobody claims is {rest}. The rules: `{rules}`."""
_METRICS = """\
Label maps are compared at the original resolution, outside ignored pixels. Pixels of all
photographs are counted before anything is divided: IoU of a class is the pixels that both maps give
to it over those that one of them does (survey, eq. 27), mIoU the mean over classes (eq. 28), those
left out that no photograph shows and no answer names. {more}Pixel accuracy is the share of pixels
with the right class. In brackets are 95 % bootstrap intervals over photographs. Numbers are per
cent."""
_UNSEEN = """\
"Seen" and "unseen" are the mIoU of the classes that published methods train on and of those they
keep out, without the background; hIoU is their harmonic mean (eq. 29). """
_FB = """\
FB-IoU is the mean of the IoU of the background and of all classes joined. """
_PARTIAL = """\
Not every pixel of this set is labelled. What is not counts as background: a class that is found
where nobody labelled it is counted as a mistake, so that these numbers are too low by as much as
the labels leave out. Where masks of two classes share a pixel, the smaller one has it. The mIoU is
over the named classes."""
_IGNORED = """\
Pixels of the background count nowhere, and it is no class."""


def open_vocabulary_page(report: Mapping[str, Any]) -> Page:
    """Return the report for a person; `report` as `Study.page` takes it."""
    results, settings = report["results"], report["settings"]
    name, found = next(iter(results.items()))
    blocks: tuple[Block, ...] = (
        provenance(report["run"]),
        Text(_headline(name, found, settings)),
        *(Text(line) for line in _protocol(settings)),
        *(Text(line) for line in _notes(found)),
        Heading("Everybody"),
        numbers_table(results, settings),
        Heading("What refusals do"),
        Text(
            "The same masks put together in three ways; the first is the result. The last one is "
            "told by the truth which classes a photograph shows: what is left is wrong masks."
        ),
        variants_table(found, settings),
        Heading("By class"),
        class_chart(found),
        class_table(found),
        Heading("What is taken for what"),
        confused_table(found),
        Heading("Published rows"),
        *beside(report),
    )
    return Page(f"Open vocabulary: `{name}` on {report['data']['name']}", blocks)


def _headline(name: str, found: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    numbers = found["variants"][next(iter(VARIANTS))]
    parts = {"mIoU": "miou"}
    if settings["unseen"]:
        parts |= {"seen": "seen", "unseen": "unseen", "hIoU": "harmonic"}
    parts |= {"pixel accuracy": "accuracy"}
    told = found["variants"]["told"]["miou"]
    said = ", ".join(f"{said} {per_cent(numbers[key])}" for said, key in parts.items())
    return (
        f"`{name}` over {found['photographs']} photographs and {found['classes']} classes, in per "
        f"cent: {said}; told which classes are there, mIoU {per_cent(told)}. It refuses "
        f"{number(100 * found['refused'], 1)} % of the questions."
    )


def _protocol(settings: Mapping[str, Any]) -> Iterator[str]:
    asked, example = settings["asked"], settings["template"].replace("{}", settings["asked"][0])
    rest = "background" if settings["background"] else "no class, a mistake wherever it counts"
    yield _MAP.format(
        count=len(asked), example=example.lower(), rest=rest, rules=settings["rules"],
        threshold=number(settings["threshold"], 2),
    )  # fmt: skip
    if settings["partial"]:
        yield _PARTIAL
    if settings["ignore_background"]:
        yield _IGNORED
    more = _UNSEEN if settings["unseen"] else ""
    more += _FB if settings["background"] else ""
    yield _METRICS.format(more=more)
    if settings["unseen"]:
        yield f"Unseen: {', '.join(settings['unseen'])}."


def _notes(found: Mapping[str, Any]) -> Iterator[str]:
    why = {"unread": "cannot be asked for", "unknown": "mean nothing to the model"}
    for key, said in why.items():
        if found[key]:
            yield f"Names that {said}, so that nothing is found: {', '.join(found[key])}."
