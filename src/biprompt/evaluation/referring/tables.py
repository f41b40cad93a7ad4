"""Tables and charts of the referring report; numbers in per cent, as the papers print them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from biprompt.evaluation.page import Block, Chart, Heading, Series, Table, Text
from biprompt.evaluation.page.numbers import number, with_interval
from biprompt.metrics import PERCENTS

Found = Mapping[str, Any]
Results = Mapping[str, Found]
BARS = 40
"""Classes that a chart can show; of more, it shows both ends."""
PRECISIONS = tuple(f"p{percent}" for percent in PERCENTS)
KINDS = {
    "words": ("By the length of the sentence", "words"),
    "size": ("By the size of the target", "share of the image"),
    "same": ("By how many of the class the set outlines in the image", "things"),
    "class": ("By class", "class"),
}


def per_cent(entry: Mapping[str, Any], *, interval: bool = True) -> str:
    """Return a number and its interval in per cent."""
    ends = [100 * end for end in entry["interval"]]
    known = interval and not any(map(math.isnan, ends))
    return with_interval(_hundred(entry), ends if known else None, 1)


def _hundred(entry: Mapping[str, Any]) -> float:
    return 100 * float(entry["value"])


def by_split(results: Results) -> Table:
    """Return the main table: a row a contender and split."""
    first = next(iter(results.values()))
    absent = any(each["no_target"] for each in first["splits"].values())
    header = ["", "split", "questions", "cIoU", "gIoU", *(["mIoU"] if absent else [])]
    header += [f"P@{percent / 100:g}" for percent in PERCENTS] + ["PointM"]
    header += ["N-acc", "T-acc"] if absent else []
    rows = [
        (name, split, str(each["questions"]), *_cells(each, found["counted"], absent))
        for name, found in results.items()
        for split, each in found["splits"].items()
    ]
    return _table(header, rows, 1, frozenset(range(len(first["splits"]))))


def _table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    split: int,
    marked: frozenset[int] = frozenset(),
) -> Table:
    """A table whose column `split` is left out where all rows are of one split."""
    kept = list(range(len(header)))
    if len({row[split] for row in rows}) == 1:
        kept.remove(split)
    cells = [tuple(row[place] for place in kept) for row in (header, *rows)]
    return Table(cells[0], tuple(cells[1:]), marked)


def _cells(each: Found, counted: str, absent: bool) -> Iterator[str]:
    masks = each[counted]
    yield from (per_cent(masks[name]) for name in ("ciou", "giou"))
    if absent:
        yield per_cent(masks["miou"])
    yield from (per_cent(masks[name], interval=False) for name in PRECISIONS)
    yield per_cent(each["point_m"], interval=False)
    if absent:
        yield from (per_cent(each[name]) for name in ("n_acc", "t_acc"))


def refusals(found: Found) -> Iterator[Block]:
    """Yield what changes where refusals count, or do not."""
    splits = found["splits"]
    if not any(each["refused"]["value"] for each in splits.values()):
        yield Text("The model refuses none of the questions.")
        return
    ways = {"always": "every question answered", "refusing": "a refusal is an empty mask"}
    rows = [
        (
            f"{said} (counted above)" if way == found["counted"] else said,
            split,
            per_cent(each["refused"]),
            *(per_cent(each[way][name]) for name in ("ciou", "giou")),
            per_cent(each[way]["p50"], interval=False),
        )
        for split, each in splits.items()
        for way, said in ways.items()
    ]
    yield _table(("", "split", "refused", "cIoU", "gIoU", "P@0.5"), rows, 1)


def robust(found: Found) -> Iterator[Block]:
    """Yield the numbers of R-RIS where there are any."""
    rows = [
        (split, *(number(100 * each["robust"][name], 1) for name in ("mrr", "miou", "riou")))
        for split, each in found["splits"].items()
        if "robust" in each
    ]
    if rows:
        yield Heading("Over references, as R-RIS")
        yield Table(("split", "mRR", "mIoU", "rIoU"), tuple(rows))


def precision_chart(results: Results) -> Chart:
    """Return P@X over X: of every split of the model, or of everybody on a single one."""
    name, first = next(iter(results.items()))
    lines = {split: (each, first["counted"]) for split, each in first["splits"].items()}
    if len(lines) == 1:
        lines = {
            who: (next(iter(found["splits"].values())), found["counted"])
            for who, found in results.items()
        }
    x = tuple(percent / 100 for percent in PERCENTS)
    series = tuple(
        _series(line, x, [each[counted][p] for p in PRECISIONS])
        for line, (each, counted) in lines.items()
    )
    title = f"Questions answered with an IoU of X or more: `{name}`"
    return Chart(title, "X", "P@X, %", series, y_range=(0, 100))


def _series(name: str, x: Sequence[Any], entries: Sequence[Mapping[str, Any]]) -> Series:
    y = tuple(map(_hundred, entries))
    low, high = (
        tuple(
            value if math.isnan(each["interval"][end]) else 100 * each["interval"][end]
            for value, each in zip(y, entries, strict=True)
        )
        for end in (0, 1)
    )
    return Series(name, tuple(x), y, low, high)


def kinds(results: Results) -> Iterator[Block]:
    """Yield a table where questions are of several kinds, charts of sizes and of classes."""
    first = next(iter(results.values()))
    for kind, names in first["kinds"].items():
        if len(names) < 2:
            continue
        title, what = KINDS[kind]
        yield Heading(title)
        if kind == "class":
            names = dict(sorted(names.items(), key=lambda item: -item[1]["ciou"]["value"]))
            yield _class_chart(names)
        if kind == "size":
            yield _size_chart(results)
        rows = [
            (name, str(each["questions"]), per_cent(each["ciou"]), per_cent(each["giou"]))
            for name, each in names.items()
        ]
        yield Table((what, "questions", "cIoU", "gIoU"), tuple(rows))


def _size_chart(results: Results) -> Chart:
    series = tuple(
        _series(who, tuple(sizes), [each["giou"] for each in sizes.values()])
        for who, found in results.items()
        if (sizes := found["kinds"].get("size"))
    )
    title = "Mean IoU by the size of the target"
    return Chart(title, "share of the image", "gIoU, %", series, kind="bar", y_range=(0, 100))


def _class_chart(names: Mapping[str, Any]) -> Chart:
    ordered = list(names.items())
    shown = ordered if len(ordered) <= BARS else ordered[: BARS // 2] + ordered[-BARS // 2 :]
    title = "Cumulative IoU by class"
    if len(shown) < len(ordered):
        title += f": the best and the worst {BARS // 2} of {len(ordered)}"
    bars = _series("cIoU", [name for name, _ in shown], [each["ciou"] for _, each in shown])
    return Chart(title, "class", "cIoU, %", (bars,), kind="bar", y_range=(0, 100))
