"""Tables and charts of the open-vocabulary report; numbers in per cent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from biprompt.evaluation.open_vocabulary.record import VARIANTS
from biprompt.evaluation.open_vocabulary.summary import ordered
from biprompt.evaluation.page import Chart, Series, Table
from biprompt.evaluation.page.numbers import number
from biprompt.evaluation.referring.tables import BARS, per_cent

Found = Mapping[str, Any]
Results = Mapping[str, Found]
HEADS = {
    "miou": "mIoU",
    "named": "mIoU, no background",
    "seen": "seen",
    "unseen": "unseen",
    "harmonic": "hIoU",
    "accuracy": "pixel accuracy",
    "fb_iou": "FB-IoU",
}


def numbers_table(results: Results, settings: Mapping[str, Any]) -> Table:
    """Return what every contender reaches; the first one is ours."""
    keys = list(_keys(settings))
    first = next(iter(VARIANTS))
    rows = [
        (name, *(per_cent(found["variants"][first][key]) for key in keys))
        for name, found in results.items()
    ]
    constant = next(iter(results.values()))["constant"]
    if constant["class"]:
        alone = {"miou": number(100 * constant["miou"], 1)}
        row = f"all of it {constant['class']}", *(alone.get(key, "-") for key in keys)
        rows.append(row)
    return Table(("", *(HEADS[key] for key in keys)), tuple(rows), frozenset({0}))


def variants_table(found: Found, settings: Mapping[str, Any]) -> Table:
    """Return what refusals, and knowing what is there, do to the map."""
    keys = list(_keys(settings))
    rows = (
        (said, *(per_cent(found["variants"][variant][key]) for key in keys))
        for variant, said in VARIANTS.items()
    )
    return Table(("label map of", *(HEADS[key] for key in keys)), tuple(rows), frozenset({0}))


def _keys(settings: Mapping[str, Any]) -> Iterator[str]:
    yield "miou"
    if settings["background_is_class"]:
        yield "named"
    if settings["unseen"]:
        yield from ("seen", "unseen", "harmonic")
    yield "accuracy"
    if settings["background"]:
        yield "fb_iou"


def class_chart(found: Found) -> Chart:
    """Return IoU by class, the best first; of many classes both ends."""
    known = ordered(found["by_class"])
    shown = known if len(known) <= BARS else known[: BARS // 2] + known[-BARS // 2 :]
    title = "IoU by class"
    if len(shown) < len(known):
        title += f": the best and the worst {BARS // 2} of {len(known)}"
    bars = _series(shown)
    return Chart(title, "class", "IoU, %", (bars,), kind="bar", y_range=(0, 100))


def _series(shown: Sequence[tuple[str, Any]]) -> Series:
    values = [each["iou"]["value"] for _, each in shown]
    low, high = (
        tuple(
            100 * (value if math.isnan(end := each["iou"]["interval"][side]) else end)
            for value, (_, each) in zip(values, shown, strict=True)
        )
        for side in (0, 1)
    )
    return Series(
        "IoU", tuple(name for name, _ in shown), tuple(100 * v for v in values), low, high
    )


def class_table(found: Found) -> Table:
    """Return one row a class, the best first."""
    header = ("class", "photographs", "IoU", "found", "right of what is found")
    rows = tuple(
        (
            f"{name} (unseen)" if each["unseen"] else name,
            str(each["photographs"]),
            per_cent(each["iou"]),
            *(number(100 * each[key], 1) for key in ("recall", "precision")),
        )
        for name, each in ordered(found["by_class"])
    )
    return Table(header, rows)


def confused_table(found: Found) -> Table:
    """Return the pairs of classes that most pixels are confused in."""
    rows = tuple(
        (
            each["truth"],
            each["found"],
            number(100 * each["of_all"], 1),
            number(100 * each["of_class"], 1),
        )
        for each in found["confused"]
    )
    return Table(("is", "taken for", "% of all pixels", "% of the class"), rows)
