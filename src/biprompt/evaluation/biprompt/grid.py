"""The joint score over a grid of weights, as a table and a chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.evaluation.biprompt.tables import estimated, series_of
from biprompt.evaluation.page import Block, Bullets, Chart, Series, Table

Found = Mapping[str, Any]


def weights_blocks(weights: Mapping[str, Mapping[str, Found]]) -> Iterator[Block]:
    """Yield the grid of eq. 8: IoU by weights and pool, and the best weights."""
    names = list(weights["paper"])
    rows = (
        (name, *(cell for pool in weights.values() for cell in _weighed(pool[name])))
        for name in names
    )
    header = ("w1 (words), w2 (predicted IoU), w3 (similarity)",)
    columns = (column for pool in weights for column in (f"pool={pool}", "above IoU only"))
    yield Table((*header, *columns), tuple(rows))
    yield Bullets(tuple(_best(pool, found) for pool, found in weights.items()))
    series = tuple(_line(f"pool={pool}", found) for pool, found in weights.items())
    title = "Joint score: from similarity alone (left) to predicted IoU alone (right)"
    yield Chart(title, "w2 / (w2 + w3)", "mean IoU", series, y_range=None)


def _weighed(found: Found) -> tuple[str, str]:
    return estimated(found["iou"]), estimated(found["above_iou_only"])


def _best(pool: str, found: Mapping[str, Found]) -> str:
    name = max(found, key=lambda each: found[each]["iou"]["mean"])
    above, alone = found[name]["above_iou_only"], next(iter(found))
    if above["mean"] == 0:
        return f"pool={pool}: no weights are better than IoU only ({alone}), as the paper found"
    low, high = above["interval"]
    sure = "" if low > 0 or high < 0 else ", which is not clear"
    return (
        f"pool={pool}: best at {name}, {estimated(above)} above IoU only{sure}; too kind a number, "
        "as the best of many weights was chosen on the same objects"
    )


def _line(name: str, found: Mapping[str, Found]) -> Series:
    """IoU over the share of w2; w1 moves nothing, so weights of one share are one place."""
    places: dict[float, Found] = {}
    for weights, each in found.items():
        _, second, third = (float(weight) for weight in weights.split(","))
        if second + third > 0:
            places.setdefault(round(second / (second + third), 6), each["iou"])
    return series_of(name, dict(sorted(places.items())))
